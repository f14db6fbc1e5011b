#include "js/scheduler_options.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>

namespace openvino_llm {
namespace {

using namespace ov::genai;

// The names of an enumeration, in the order of its values.
constexpr std::array kAggregationModes{"sum", "norm-sum", "adaptive-rkv"};
constexpr std::array kAnchorPointModes{"random", "zeros", "ones", "mean", "alternating"};
constexpr std::array kSparseAttentionModes{"trishape", "xattention"};

constexpr const auto& names_of(AggregationMode) { return kAggregationModes; }
constexpr const auto& names_of(KVCrushAnchorPointMode) { return kAnchorPointModes; }
constexpr const auto& names_of(SparseAttentionMode) { return kSparseAttentionModes; }

// The one list of keys and fields: `fields` reads or writes each. Objects inside objects come back here. What
// is missing is not offered and keeps GenAI's default.

template <class Fields>
void visit(Fields& fields, KVCrushConfig& config) {
  fields("budget", config.budget);
  fields("anchorPointMode", config.anchor_point_mode);
  fields("rngSeed", config.rng_seed);
}

template <class Fields>
void visit(Fields& fields, CacheEvictionConfig& config) {
  size_t start = config.get_start_size();
  size_t recent = config.get_recent_size();
  size_t max = config.get_max_cache_size();
  fields("startSize", start);
  fields("recentSize", recent);
  fields("maxCacheSize", max);
  fields("aggregationMode", config.aggregation_mode);
  fields("snapkvWindowSize", config.snapkv_window_size);
  fields("kvcrushConfig", config.kvcrush_config);
  // Only the constructor sets the sizes, and it computes from them what can be evicted.
  config = CacheEvictionConfig(start, recent, max, config.aggregation_mode, config.apply_rotation,
                               config.snapkv_window_size, config.kvcrush_config, config.adaptive_rkv_config);
}

template <class Fields>
void visit(Fields& fields, SparseAttentionConfig& config) {
  fields("mode", config.mode);
  fields("numLastDenseTokensInPrefill", config.num_last_dense_tokens_in_prefill);
  fields("numRetainedStartTokensInCache", config.num_retained_start_tokens_in_cache);
  fields("numRetainedRecentTokensInCache", config.num_retained_recent_tokens_in_cache);
  fields("xattentionThreshold", config.xattention_threshold);
  fields("xattentionBlockSize", config.xattention_block_size);
  fields("xattentionStride", config.xattention_stride);
}

template <class Fields>
void visit(Fields& fields, SchedulerConfig& config) {
  fields("maxNumBatchedTokens", config.max_num_batched_tokens);
  fields("numKvBlocks", config.num_kv_blocks);
  fields("cacheSizeGb", config.cache_size);
  fields("dynamicSplitFuse", config.dynamic_split_fuse);
  fields("maxNumSeqs", config.max_num_seqs);
  fields("enablePrefixCaching", config.enable_prefix_caching);
  fields("useCacheEviction", config.use_cache_eviction);
  fields("cacheEvictionConfig", config.cache_eviction_config);
  fields("useSparseAttention", config.use_sparse_attention);
  fields("sparseAttentionConfig", config.sparse_attention_config);
}

class Reader {
 public:
  explicit Reader(const Napi::Object& from) : from_(from) {}

  template <class Field>
  void operator()(const char* key, Field& field) {
    const Napi::Value value = from_.Get(key);
    if constexpr (std::is_same_v<Field, bool>) {
      if (!value.IsBoolean()) throw wrong(key);
      field = value.As<Napi::Boolean>();
    } else if constexpr (std::is_arithmetic_v<Field>) {
      if (!value.IsNumber()) throw wrong(key);
      field = static_cast<Field>(value.As<Napi::Number>().DoubleValue());
    } else if constexpr (std::is_enum_v<Field>) {
      if (!value.IsString()) throw wrong(key);
      field = enumerator<Field>(key, value.As<Napi::String>());
    } else {
      if (!value.IsObject()) throw wrong(key);
      Reader inner(value.As<Napi::Object>());
      visit(inner, field);
    }
  }

 private:
  template <class Enum>
  Enum enumerator(const char* key, const std::string& name) const {
    int value = 0;
    for (const char* candidate : names_of(Enum{})) {
      if (name == candidate) return static_cast<Enum>(value);
      ++value;
    }
    throw wrong(key);
  }

  Napi::TypeError wrong(const char* key) const {
    return Napi::TypeError::New(from_.Env(), std::string("Not a value of the scheduler's ") + key);
  }

  Napi::Object from_;
};

class Writer {
 public:
  explicit Writer(Napi::Env env) : to_(Napi::Object::New(env)) {}

  template <class Field>
  void operator()(const char* key, Field& field) {
    if constexpr (std::is_same_v<Field, bool>) {
      to_[key] = Napi::Boolean::New(to_.Env(), field);
    } else if constexpr (std::is_same_v<Field, float>) {
      to_[key] = shortest(field);
    } else if constexpr (std::is_arithmetic_v<Field>) {
      to_[key] = static_cast<double>(field);
    } else if constexpr (std::is_enum_v<Field>) {
      to_[key] = names_of(field).at(static_cast<size_t>(field));
    } else {
      Writer inner(to_.Env());
      visit(inner, field);
      to_[key] = inner.to_;
    }
  }

  Napi::Object object() const { return to_; }

 private:
  // The digits that a float has for certain, so that 0.8 comes back as 0.8.
  static double shortest(float value) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.6g", static_cast<double>(value));
    return std::strtod(digits.data(), nullptr);
  }

  Napi::Object to_;
};

}  // namespace

SchedulerConfig scheduler_config_from_js(const Napi::Object& value) {
  SchedulerConfig config;
  Reader reader(value);
  visit(reader, config);
  return config;
}

Napi::Object scheduler_config_to_js(Napi::Env env, const SchedulerConfig& config) {
  SchedulerConfig copy = config;
  Writer writer(env);
  visit(writer, copy);
  return writer.object();
}

}  // namespace openvino_llm
