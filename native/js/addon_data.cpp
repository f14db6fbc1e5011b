#include "js/addon_data.hpp"

namespace openvino_llm {

AddonData::AddonData(Napi::Env env) : env_(env) {
  env.AddCleanupHook([](AddonData* data) { data->close_all(); }, this);
}

AddonData& AddonData::of(Napi::Env env) { return *env.GetInstanceData<AddonData>(); }

AddonData* AddonData::find(Napi::Env env) {
  auto* data = env.GetInstanceData<AddonData>();
  return data != nullptr && !data->ended_ ? data : nullptr;
}

void AddonData::close_all() {
  ended_ = true;
  for (Closeable* alive : alive_) alive->close_now(env_);
  alive_.clear();
}

}  // namespace openvino_llm
