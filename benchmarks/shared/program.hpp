// What the C++ programs of the benchmarks share: clocks, lists of ids, and what a process says of itself.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using Ids = std::vector<int64_t>;

inline double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Separated by commas.
inline Ids ids_of(const std::string& list) {
  Ids ids;
  std::istringstream in(list);
  for (std::string id; std::getline(in, id, ',');) ids.push_back(std::stoll(id));
  return ids;
}

template <class List>
std::string json_array(const List& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + std::to_string(item);
  return "[" + text + "]";
}

// Not ru_maxrss: that one remembers the process that started this one.
inline long peak_rss_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stol(line.substr(6));
  }
  return -1;
}

inline double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}
