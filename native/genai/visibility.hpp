// Declarations of the part of the pinned OpenVINO GenAI's C++ interface that this addon calls. The PyPI wheel
// ships the library without headers, so sizes and offsets here are those of its binary, measured and checked
// by the conformance test (test/native). When official headers are on the include path, genai.hpp takes those
// instead.
#pragma once

// The library's typeinfo must be the same object in both modules, or a streamer handed over by pointer is not
// found.
#define OPENVINO_LLM_IMPORTED __attribute__((visibility("default")))
