# Lets node-gyp, which prebuildify calls, build the addon by running scripts/build-native.mjs.
{
  "targets": [{
    "target_name": "openvino_llm",
    "type": "none",
    "actions": [{
      "action_name": "cmake_js",
      "inputs": [
        "CMakeLists.txt",
        "scripts/build-native.mjs",
        "<!@(node -p \"require('fs').readdirSync('native', {recursive: true}).filter((f) => /\\.(c|h|cpp|hpp)$/.test(f)).map((f) => 'native/' + f).join(' ')\")"
      ],
      "outputs": ["<(PRODUCT_DIR)/openvino_llm.node", "<(PRODUCT_DIR)/libopenvino_llm_core.so"],
      "action": ["node", "scripts/build-native.mjs", "--out", "<(PRODUCT_DIR)", "--config", "<(CONFIGURATION_NAME)"]
    }]
  }]
}
