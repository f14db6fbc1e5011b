#include "devices.hpp"

#include <string>
#include <vector>

#include "openvino/runtime/core.hpp"

namespace openvino_llm {
namespace {

struct Device {
  std::string name, full_name;
  std::vector<std::string> capabilities;
};

class ListDevices final : public Napi::AsyncWorker {
 public:
  explicit ListDevices(Napi::Env env)
      : AsyncWorker(env, "openvino-llm devices"), deferred_(Napi::Promise::Deferred::New(env)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    ov::Core core;
    for (const std::string& name : core.get_available_devices()) {
      devices_.push_back({name, core.get_property(name, ov::device::full_name),
                          core.get_property(name, ov::device::capabilities)});
    }
  }
  void OnOK() override {
    auto list = Napi::Array::New(Env(), devices_.size());
    for (size_t i = 0; i < devices_.size(); ++i) {
      auto capabilities = Napi::Array::New(Env(), devices_[i].capabilities.size());
      for (size_t k = 0; k < devices_[i].capabilities.size(); ++k) {
        capabilities[static_cast<uint32_t>(k)] = devices_[i].capabilities[k];
      }
      auto device = Napi::Object::New(Env());
      device["name"] = devices_[i].name;
      device["fullName"] = devices_[i].full_name;
      device["capabilities"] = capabilities;
      list[static_cast<uint32_t>(i)] = device;
    }
    deferred_.Resolve(list);
  }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  std::vector<Device> devices_;
};

}  // namespace

Napi::Value list_devices(const Napi::CallbackInfo& info) {
  auto* work = new ListDevices(info.Env());  // deletes itself
  work->Queue();
  return work->promise();
}

}  // namespace openvino_llm
