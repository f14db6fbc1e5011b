// The one include for GenAI: the official headers where the build found some, else our declarations.
#pragma once

#if __has_include("openvino/genai/llm_pipeline.hpp")
#include "openvino/genai/continuous_batching_pipeline.hpp"
#include "openvino/genai/llm_pipeline.hpp"
#include "openvino/genai/lora_adapter.hpp"
#include "openvino/genai/perf_metrics.hpp"
#include "openvino/genai/rag/text_embedding_pipeline.hpp"
#include "openvino/genai/rag/text_rerank_pipeline.hpp"
#include "openvino/genai/scheduler_config.hpp"
#include "openvino/genai/speculative_decoding/perf_metrics.hpp"
#include "openvino/genai/streamer_base.hpp"
#include "openvino/genai/tokenizer.hpp"
#else
#include "genai/adapter.hpp"
#include "genai/continuous_batching.hpp"
#include "genai/llm_pipeline.hpp"
#include "genai/scheduler_config.hpp"
#include "genai/speculative_decoding.hpp"
#include "genai/structured_output.hpp"
#include "genai/text_pipelines.hpp"
#endif
