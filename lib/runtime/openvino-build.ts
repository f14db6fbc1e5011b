/** The one place that says which OpenVINO this package is built for. `npm run pins:move -- VERSION` writes it. */

/** What was published, and what it names itself. */
export const OPENVINO_BUILD = {
  version: "2026.4.1",
  builds: { openvino: "2026.4.1-22982-e213a147257", genai: "2026.4.1.0-3408-ab01d1771e4" },
  wheels: {
    openvino: {
      version: "2026.4.1",
      file: "openvino-2026.4.1-22982-cp311-cp311-manylinux_2_28_x86_64.whl",
      sha256: "2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf",
    },
    tokenizers: {
      version: "2026.4.1.0",
      file: "openvino_tokenizers-2026.4.1.0-py3-none-manylinux_2_28_x86_64.whl",
      sha256: "f30dc9d6dd9e485b10495bcf72fc257f33bf35938da783fbb8f17c98c5ab517f",
    },
    genai: {
      version: "2026.4.1.0",
      file: "openvino_genai-2026.4.1.0-2636-cp311-cp311-manylinux_2_28_x86_64.whl",
      sha256: "445b96c75983847feb4543db49336f67b8eba7c20d00252ef6b930aa5d5d787d",
    },
  },
  libraries: {
    "libtbb.so.12": "ac9518497a4f2cb6729792730f145ee58367316031511923fef263c9ac81ca61",
    "libopenvino.so.2641": "9b9a80ac1f18e07b13ed54459d9a865bcfe9dc170dbf8fe740c2974b85ecedc1",
    "libopenvino_genai.so.2641": "35ff9d1cdb9b509ce4e9dd05415fb0fa4265c849f4a63d4fb2ca500b4d9b5f4d",
    "libopenvino_tokenizers.so": "fb26c5e5ec0beb1949bd2f7a09dc613541d217984e7af5130fef7d42b10a7e78",
    "libhwloc.so.15": "e91be9f5bc1c87aadb08f2e19ebcb742979adda0a5434f72650a154e317e7fb1",
    "libopenvino_auto_batch_plugin.so": "1e7102276dd42ef917078a09be4f1838c41c3611ca2e10c34fb7ea31f1fef561",
    "libopenvino_auto_plugin.so": "3971fe197490e31479727aa761e8abc972f7967f67eaa39cac75859f1e19e017",
    "libopenvino_hetero_plugin.so": "387eec6f2341230ceb13e1cca0476fcee87ca0e9e2386e2a9db00e6cea8378a9",
    "libopenvino_intel_cpu_plugin.so": "6599e3dd300d047b5ed72f8e48101c5f312c25321f35f57f803641ff8372900b",
    "libopenvino_ir_frontend.so.2641": "554e9fd3d4a0fbc587c14379464b2324e24b8ea736cfb749ad2cd9e74dfc09e0",
    "libtbbbind_2_5.so.3": "179ebd1223abd20a461dc978f24090d7ef7c1308b8dff14e4adfe4a21d75543f",
    "libtbbmalloc.so.2": "0cccbdb4783bf190da19b34540fb7f749b0955ec1982d7ac8e5f398365399895",
  },
} as const;
