# All that node-gyp wants to see of Node's headers. CMake builds the addon with the headers of node-api-headers, so
# nothing has to be downloaded. package.json points here: config.node_gyp_nodedir.
{
  "variables": {},
  "target_defaults": {
    "default_configuration": "Release",
    "configurations": { "Debug": {}, "Release": {} }
  }
}
