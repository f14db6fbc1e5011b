#include "probe/model_logits.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include "probe/model_graph.hpp"

namespace openvino_llm {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::unique_ptr<ModelGraph> compile(const LogitsOptions& options) {
  ov::Core core;
  const std::string xml = (std::filesystem::path(options.path) / "openvino_model.xml").string();
  const auto model = options.paged ? read_paged_model(core, xml) : core.read_model(xml);
  auto compiled = core.compile_model(model, options.device, options.properties);
  if (options.paged) return std::make_unique<PagedGraph>(std::move(compiled));
  return std::make_unique<StatefulGraph>(std::move(compiled));
}

template <class T>
void append(const ov::Tensor& tensor, std::vector<float>& values) {
  const T* data = tensor.data<const T>();
  values.insert(values.end(), data, data + tensor.get_size());
}

// Feeds the ids in their order and gathers the logits.
class Forced {
 public:
  Forced(const LogitsOptions& options, ModelGraph& graph, ModelLogits& out)
      : options_(options), graph_(graph), out_(out) {}

  double infer(const Batch& batch) {
    const auto next = options_.token_ids.begin() + static_cast<ptrdiff_t>(done_);
    const std::vector<int64_t> ids(next, next + static_cast<ptrdiff_t>(batch.size()));
    done_ += batch.size();
    const auto start = Clock::now();
    graph_.infer(batch, ids, Sampled::kAll);
    const double ms = ms_since(start);
    gather(batch.size());
    return ms;
  }

 private:
  void gather(size_t rows) {
    const ov::Tensor logits = graph_.logits();
    const size_t vocab_size = logits.get_shape().back();
    OPENVINO_ASSERT(vocab_size > 0 && logits.get_size() == rows * vocab_size, "Expected ", rows,
                    " rows of logits but the shape is ", logits.get_shape());
    out_.vocab_size = vocab_size;
    const auto type = logits.get_element_type();
    if (type == ov::element::f32) return append<float>(logits, out_.logits);
    if (type == ov::element::f16) return append<ov::float16>(logits, out_.logits);
    if (type == ov::element::bf16) return append<ov::bfloat16>(logits, out_.logits);
    OPENVINO_THROW("Expected logits of type f32, f16 or bf16 but it is ", type);
  }

  const LogitsOptions& options_;
  ModelGraph& graph_;
  ModelLogits& out_;
  size_t done_ = 0;
};

ModelLogits run(const LogitsOptions& options, ModelGraph& graph, size_t decodes) {
  ModelLogits out;
  Forced forced(options, graph, out);
  const size_t prompt = options.prompt_tokens;
  out.prefill_ms = forced.infer({1, prompt, 0});
  for (size_t i = 0; i < decodes; ++i) out.decode_ms.push_back(forced.infer({1, 1, prompt + i}));
  if (options.sequences > 0) {
    graph.fork(options.sequences, prompt + decodes + 1);
    out.batch_ms = forced.infer({options.sequences, 1, prompt + decodes});
  }
  return out;
}

}  // namespace

ModelLogits model_logits(const LogitsOptions& options) {
  const auto start = Clock::now();
  const auto graph = compile(options);
  const double load_ms = ms_since(start);
  graph->reserve(std::max<size_t>(options.sequences, 1), options.prompt_tokens + options.decodes + 1);
  run(options, *graph, std::min<size_t>(options.decodes, 1));  // makes the kernels for these shapes
  ModelLogits out = run(options, *graph, options.decodes);
  out.load_ms = load_ms;
  return out;
}

}  // namespace openvino_llm
