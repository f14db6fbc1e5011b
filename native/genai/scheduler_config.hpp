// Settings of GenAI's scheduler, laid out as in the pinned binary.
#pragma once

#include <cstddef>
#include <optional>

#include "genai/visibility.hpp"

namespace ov::genai {

enum class AggregationMode { SUM = 0, NORM_SUM = 1, ADAPTIVE_RKV = 2 };
enum class KVCrushAnchorPointMode { RANDOM = 0, ZEROS = 1, ONES = 2, MEAN = 3, ALTERNATING = 4 };
enum class SparseAttentionMode { TRISHAPE = 0, XATTENTION = 1 };

class OPENVINO_LLM_IMPORTED KVCrushConfig {
 public:
  KVCrushConfig() = default;
  KVCrushConfig(size_t budget_, KVCrushAnchorPointMode anchor_point_mode_, size_t rng_seed_ = 0)
      : budget(budget_), anchor_point_mode(anchor_point_mode_), rng_seed(rng_seed_) {}

  size_t budget = 0;
  KVCrushAnchorPointMode anchor_point_mode = KVCrushAnchorPointMode::RANDOM;
  size_t rng_seed = 0;
};

struct OPENVINO_LLM_IMPORTED AdaptiveRKVConfig {
  AdaptiveRKVConfig() = default;
  AdaptiveRKVConfig(double attention_mass_, size_t window_size_)
      : attention_mass(attention_mass_), window_size(window_size_) {}

  double attention_mass = 0.9;
  size_t window_size = 8;
};

class OPENVINO_LLM_IMPORTED CacheEvictionConfig {
 public:
  CacheEvictionConfig() = default;
  CacheEvictionConfig(size_t start_size, size_t recent_size, size_t max_cache_size,
                      AggregationMode aggregation_mode_, bool apply_rotation_ = false,
                      size_t snapkv_window_size_ = 8, const KVCrushConfig& kvcrush_config_ = KVCrushConfig(),
                      const AdaptiveRKVConfig& adaptive_rkv_config_ = AdaptiveRKVConfig())
      : aggregation_mode(aggregation_mode_),
        apply_rotation(apply_rotation_),
        snapkv_window_size(snapkv_window_size_),
        kvcrush_config(kvcrush_config_),
        adaptive_rkv_config(adaptive_rkv_config_),
        m_start_size(start_size),
        m_recent_size(recent_size),
        m_max_cache_size(max_cache_size),
        m_evictable_size(max_cache_size - start_size - recent_size) {}

  size_t get_start_size() const { return m_start_size; }
  size_t get_recent_size() const { return m_recent_size; }
  size_t get_max_cache_size() const { return m_max_cache_size; }
  size_t get_evictable_size() const { return m_evictable_size; }

  AggregationMode aggregation_mode = AggregationMode::NORM_SUM;
  bool apply_rotation = false;
  size_t snapkv_window_size = 8;
  KVCrushConfig kvcrush_config;
  AdaptiveRKVConfig adaptive_rkv_config;

  // Private in GenAI's own header: for the checks of the layout below, and for nothing else.
  size_t m_start_size = 32;
  size_t m_recent_size = 128;
  size_t m_max_cache_size = 672;
  size_t m_evictable_size = 512;
};

class OPENVINO_LLM_IMPORTED SparseAttentionConfig {
 public:
  SparseAttentionConfig() = default;

  SparseAttentionMode mode = SparseAttentionMode::TRISHAPE;
  size_t num_last_dense_tokens_in_prefill = 100;
  size_t num_retained_start_tokens_in_cache = 128;
  size_t num_retained_recent_tokens_in_cache = 1920;
  float xattention_threshold = 0.8F;
  size_t xattention_block_size = 64;
  size_t xattention_stride = 8;
};

struct OPENVINO_LLM_IMPORTED SchedulerConfig {
  size_t max_num_batched_tokens = 256;
  size_t num_kv_blocks = 0;
  size_t cache_size = 0;  // GB
  size_t num_linear_attention_blocks = 0;
  std::optional<size_t> cache_interval_multiplier;
  bool dynamic_split_fuse = true;
  bool use_cache_eviction = false;
  CacheEvictionConfig cache_eviction_config;
  size_t max_num_seqs = 256;
  bool enable_prefix_caching = false;
  bool use_sparse_attention = false;
  SparseAttentionConfig sparse_attention_config;
};

static_assert(sizeof(KVCrushConfig) == 24);
static_assert(offsetof(KVCrushConfig, budget) == 0);
static_assert(offsetof(KVCrushConfig, anchor_point_mode) == 8);
static_assert(offsetof(KVCrushConfig, rng_seed) == 16);

static_assert(sizeof(AdaptiveRKVConfig) == 16);
static_assert(offsetof(AdaptiveRKVConfig, attention_mass) == 0);
static_assert(offsetof(AdaptiveRKVConfig, window_size) == 8);

static_assert(sizeof(CacheEvictionConfig) == 88);
static_assert(offsetof(CacheEvictionConfig, aggregation_mode) == 0);
static_assert(offsetof(CacheEvictionConfig, apply_rotation) == 4);
static_assert(offsetof(CacheEvictionConfig, snapkv_window_size) == 8);
static_assert(offsetof(CacheEvictionConfig, kvcrush_config) == 16);
static_assert(offsetof(CacheEvictionConfig, adaptive_rkv_config) == 40);
static_assert(offsetof(CacheEvictionConfig, m_start_size) == 56);
static_assert(offsetof(CacheEvictionConfig, m_recent_size) == 64);
static_assert(offsetof(CacheEvictionConfig, m_max_cache_size) == 72);
static_assert(offsetof(CacheEvictionConfig, m_evictable_size) == 80);

static_assert(sizeof(SparseAttentionConfig) == 56);
static_assert(offsetof(SparseAttentionConfig, mode) == 0);
static_assert(offsetof(SparseAttentionConfig, num_last_dense_tokens_in_prefill) == 8);
static_assert(offsetof(SparseAttentionConfig, num_retained_start_tokens_in_cache) == 16);
static_assert(offsetof(SparseAttentionConfig, num_retained_recent_tokens_in_cache) == 24);
static_assert(offsetof(SparseAttentionConfig, xattention_threshold) == 32);
static_assert(offsetof(SparseAttentionConfig, xattention_block_size) == 40);
static_assert(offsetof(SparseAttentionConfig, xattention_stride) == 48);

static_assert(sizeof(SchedulerConfig) == 216);
static_assert(offsetof(SchedulerConfig, max_num_batched_tokens) == 0);
static_assert(offsetof(SchedulerConfig, num_kv_blocks) == 8);
static_assert(offsetof(SchedulerConfig, cache_size) == 16);
static_assert(offsetof(SchedulerConfig, num_linear_attention_blocks) == 24);
static_assert(offsetof(SchedulerConfig, cache_interval_multiplier) == 32);
static_assert(sizeof(std::optional<size_t>) == 16);
static_assert(offsetof(SchedulerConfig, dynamic_split_fuse) == 48);
static_assert(offsetof(SchedulerConfig, use_cache_eviction) == 49);
static_assert(offsetof(SchedulerConfig, cache_eviction_config) == 56);
static_assert(offsetof(SchedulerConfig, max_num_seqs) == 144);
static_assert(offsetof(SchedulerConfig, enable_prefix_caching) == 152);
static_assert(offsetof(SchedulerConfig, use_sparse_attention) == 153);
static_assert(offsetof(SchedulerConfig, sparse_attention_config) == 160);

}  // namespace ov::genai
