#include "js/addon_data.hpp"

namespace openvino_llm {

AddonData::AddonData(Napi::Env env) {
  env.AddCleanupHook([](AddonData* data) { data->close_all(); }, this);
}

AddonData& AddonData::of(Napi::Env env) { return *env.GetInstanceData<AddonData>(); }

AddonData* AddonData::find(Napi::Env env) {
  auto* data = env.GetInstanceData<AddonData>();
  return data != nullptr && !data->ended_ ? data : nullptr;
}

void AddonData::close_all() {
  ended_ = true;
  for (Closeable* alive : alive_) alive->close_now();
  alive_.clear();
}

Registration::Registration(Napi::Env env, Closeable* owner) : env_(env), owner_(owner) {
  AddonData::of(env).alive_.insert(owner);
}

Registration::~Registration() {
  if (AddonData* data = AddonData::find(env_)) data->alive_.erase(owner_);
  owner_->close_now();
}

}  // namespace openvino_llm
