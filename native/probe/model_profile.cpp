#include "probe/model_profile.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <unordered_map>
#include <utility>

#include "probe/compiled_properties.hpp"
#include "probe/model_graph.hpp"

namespace openvino_llm {
namespace {

// More of what is short, so that times which the profiler gives in whole microseconds add up to something.
constexpr size_t kPrefills = 2, kDecodes = 12, kBatchDecodes = 8;
// A phase that has taken so long is known well enough: no further inference begins.
constexpr std::chrono::seconds kEnough{2};

// The next token ids of a fixed sequence: a mixture of experts must not get the same token again and again.
class TokenIds {
 public:
  explicit TokenIds(size_t vocab_size) : vocab_size_(vocab_size) {}
  std::vector<int64_t> take(size_t count) {
    std::vector<int64_t> ids(count);
    for (int64_t& id : ids) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      id = static_cast<int64_t>((state_ >> 33) % vocab_size_);
    }
    return ids;
  }

 private:
  const size_t vocab_size_;
  uint64_t state_ = 0;
};

// The profiler reports means over everything since the load, so a phase is the difference of two totals.
class PhaseClock {
 public:
  explicit PhaseClock(ModelGraph& graph, size_t vocab_size) : graph_(graph), ids_(vocab_size) {}

  PhaseTimes measure(const Batch& batch, size_t most) {
    infer(batch);  // makes the kernels for these shapes
    const auto before = totals();
    const auto end = std::chrono::steady_clock::now() + kEnough;
    size_t inferences = 0;
    do {
      infer(batch);
    } while (++inferences < most && std::chrono::steady_clock::now() < end);
    std::map<std::pair<std::string, std::string>, KernelTime> kernels;
    for (const auto& [name, node] : totals()) {
      const auto earlier = before.find(name);
      const double us = node.us - (earlier == before.end() ? 0 : earlier->second.us);
      KernelTime& kernel = kernels[{node.type, node.kernel}];
      kernel.node_type = node.type;
      kernel.kernel = node.kernel;
      kernel.count += 1;
      kernel.ms += std::max(0.0, us) / 1000 / static_cast<double>(inferences);
    }
    PhaseTimes phase{batch.size(), inferences, {}};
    for (auto& [key, kernel] : kernels) phase.kernels.push_back(std::move(kernel));
    return phase;
  }

 private:
  struct Node {
    std::string type, kernel;
    double us = 0;
  };

  void infer(const Batch& batch) {
    graph_.infer(batch, ids_.take(batch.size()));
    ++done_;
  }

  std::unordered_map<std::string, Node> totals() const {
    std::unordered_map<std::string, Node> nodes;
    for (const auto& info : graph_.profile()) {
      if (info.status != ov::ProfilingInfo::Status::EXECUTED) continue;
      const double us = static_cast<double>(info.real_time.count()) * static_cast<double>(done_);
      nodes[info.node_name] = {info.node_type, info.exec_type, us};
    }
    return nodes;
  }

  ModelGraph& graph_;
  TokenIds ids_;
  size_t done_ = 0;
};

std::unique_ptr<PagedGraph> paged_graph(ov::Core& core, const std::string& xml,
                                        const ProfileOptions& options) {
  std::shared_ptr<ov::Model> model;
  try {
    model = read_paged_model(core, xml);
  } catch (const ov::Exception&) {
    return nullptr;  // an attention that GenAI runs as the file has it
  }
  return std::make_unique<PagedGraph>(core.compile_model(model, options.device, options.properties));
}

}  // namespace

ModelProfile profile_model(const ProfileOptions& options) {
  ov::Core core;
  const std::string xml = (std::filesystem::path(options.path) / "openvino_model.xml").string();
  ModelProfile profile{};
  std::unique_ptr<ModelGraph> graph;
  std::string cache_precision;
  if (auto paged = paged_graph(core, xml, options)) {
    profile.paged = true;
    cache_precision = paged->cache_precision();
    graph = std::move(paged);
  } else {
    graph = std::make_unique<StatefulGraph>(core.compile_model(xml, options.device, options.properties));
  }
  profile.properties = compiled_properties(graph->model());
  // The plugin may take another type than the one it reports.
  if (profile.paged) profile.properties["KV_CACHE_PRECISION"] = cache_precision;

  const size_t prompt = options.prompt_tokens;
  const size_t sequences = graph->capacity(options.sequences, prompt + 1, options.max_cache_bytes);
  graph->reserve(sequences, prompt + 1);
  PhaseClock clock(*graph, options.vocab_size);
  profile.phases.push_back(clock.measure({1, prompt, 0}, kPrefills));
  profile.phases.push_back(clock.measure({1, 1, prompt}, kDecodes));
  if (sequences > 1) profile.phases.push_back(clock.measure({sequences, 1, prompt}, kBatchDecodes));
  return profile;
}

}  // namespace openvino_llm
