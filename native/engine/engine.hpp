// What a worker runs: GenAI with one model in it. Made, used and destroyed by the worker's thread alone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/adapters.hpp"
#include "engine/events.hpp"
#include "engine/speculation.hpp"
#include "text/tokenizer.hpp"

namespace openvino_llm {

class Worker;

struct LoadOptions {
  std::string path;
  std::string device;
  ov::AnyMap properties;
  std::vector<AdapterOptions> adapters = {};  // NOLINT(readability-redundant-member-init): GCC wants it
  Speculation speculation = {};
};

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  // The facts of the model; the worker sets load_ms.
  virtual LoadedEvent loaded() const = 0;
  virtual std::shared_ptr<Tokenizer> tokenizer() const = 0;
  // Serves the worker's requests until its queue is closed.
  virtual void run(Worker& worker) = 0;

 private:
  LiveCount<Engine> live_;
};

// Loads a model.
using MakeEngine = std::function<std::unique_ptr<Engine>()>;

}  // namespace openvino_llm
