// A file for require(), because the types of require() have to belong to CommonJS; it gives the module that import gives.
module.exports = require("../dist/index.js");
