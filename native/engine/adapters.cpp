#include "engine/adapters.hpp"

#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace openvino_llm {
namespace {

using ov::genai::Adapter;
using ov::genai::AdapterConfig;

constexpr uint32_t kExactFloats = 1U << 24U;

// GenAI itself would map the file and look into it again while it runs: this way it may be replaced or
// removed.
Adapter read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size <= 0) throw std::runtime_error("The adapter " + path + " could not be read.");
  ov::Tensor bytes(ov::element::u8, {static_cast<size_t>(size)});
  file.seekg(0);
  if (!file.read(static_cast<char*>(bytes.data()), size)) {
    throw std::runtime_error("The adapter " + path + " became shorter while it was read.");
  }
  return Adapter(bytes);
}

// A safetensors file without a tensor in it.
Adapter make_blank() {
  static constexpr unsigned char kFile[] = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
  ov::Tensor bytes(ov::element::u8, {sizeof kFile});
  std::memcpy(bytes.data(), kFile, sizeof kFile);
  return Adapter(bytes);
}

}  // namespace

Adapters::Adapters(const std::vector<AdapterOptions>& options) : blank_(make_blank()) {
  loaded_.reserve(options.size());
  for (const auto& [path, alpha] : options) loaded_.emplace_back(read(path), alpha);
}

AdapterConfig Adapters::fixed() const { return AdapterConfig(loaded_, AdapterConfig::MODE_STATIC); }

// Always all of them in the same order: where their number changes, the CPU plugin may go on with what it
// had.
AdapterConfig Adapters::changeable(const std::vector<float>& alphas) {
  WithAlphas adapters = loaded_;
  for (size_t i = 0; i < adapters.size(); ++i) adapters[i].second = alphas.at(i);
  return with_blank(std::move(adapters));
}

// GenAI looks only at the last adapter to see whether an alpha has changed: a blank one, whose alpha always
// has.
AdapterConfig Adapters::with_blank(WithAlphas adapters) {
  adapters.emplace_back(blank_, static_cast<float>(changes_++ % kExactFloats));
  return AdapterConfig(adapters, AdapterConfig::MODE_DYNAMIC);
}

}  // namespace openvino_llm
