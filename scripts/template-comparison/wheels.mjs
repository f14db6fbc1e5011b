// What is compared with, and where the templates come from: wheels of PyPI, by their hashes.

/** Jinja2 and what it imports. */
export const JINJA = [
  {
    requirement: "jinja2==3.1.6",
    file: "jinja2-3.1.6-py3-none-any.whl",
    sha256: "85ece4451f492d0c13c5dd7c13a64681a86afae63a5f347908daf103ce6d2f67",
  },
  {
    requirement: "markupsafe==3.0.4",
    file: "markupsafe-3.0.4-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl",
    sha256: "6da83a088f8ef93b2d483a8232a4dbf4d69d3d8496b568a03c56becac43e1808",
  },
];

/** openvino imports it. */
export const NUMPY = {
  requirement: "numpy==2.4.6",
  file: "numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
  sha256: "89cd468399cfd2504718f0ba50e410dca55a170b61a02ad92bb18c8a65186e93",
};

/** 4 MB with 118 templates: what the tests fetch. */
export const SMALL_SOURCES = [
  {
    requirement: "trl==1.16.0",
    file: "trl-1.16.0-py3-none-any.whl",
    sha256: "c4726e139dd40e1a41661511c639c8a68416782b2e3e8c0befebd77bb7ba0396",
  },
  {
    requirement: "axolotl==0.19.0",
    file: "axolotl-0.19.0-py3-none-any.whl",
    sha256: "f28eb3ad3709975eec4adfe13307dd980c7e7917cc43cb03f2c6f26c007135cc",
  },
  {
    requirement: "oumi==0.9",
    file: "oumi-0.9-py3-none-any.whl",
    sha256: "607ee5223b5cfe9db1ba58f7a2fbdcac6e1f950db8875c4cfa03f0e2efb20e30",
  },
];

/** 130 MB more. */
export const LARGE_SOURCES = [
  {
    requirement: "guidance==0.3.1",
    file: "guidance-0.3.1-py3-none-any.whl",
    sha256: "6d69dee7fb9ca3d5d50928571a5a34a6fb4de92d454c6dcfccd805501ee6987f",
  },
  {
    requirement: "unsloth==2026.10.9",
    file: "unsloth-2026.10.9-py3-none-any.whl",
    sha256: "feb40b99bc4f8c543a36cbd0fe6e1410d6e4ac16bd4d0c731f607adce3d63bb0",
  },
  {
    requirement: "xinference==1.5.1",
    file: "xinference-1.5.1-py3-none-any.whl",
    sha256: "a27e540d5b8f5334c962e79f5fc1478bbf33150e94ae28da9305d0e45dc7cdfc",
  },
  {
    requirement: "xinference==4.1.0",
    file: "xinference-4.1.0-py3-none-any.whl",
    sha256: "40dd71d79e85a86f85c0d8b435fe51111fcf2c09227350d4a452229709528f2d",
  },
];
