// The bytes that the library writes where it returns by value.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

#include "test/json.hpp"

// A function that returns T by value is called as if it returned Returned: same registers, same hidden
// pointer.
#pragma GCC diagnostic ignored "-Wcast-function-type"

namespace probe {

constexpr size_t kRoom = 4096;

// Its copy constructor makes it a type that is returned through a hidden pointer, as all of GenAI's are.
// It initialises nothing: what stands in the bytes is the library's.
// NOLINTNEXTLINE(cppcoreguidelines-special-member-functions)
struct alignas(16) Returned {
  Returned(const Returned&) {}  // NOLINT(cppcoreguidelines-pro-type-member-init)
  unsigned char bytes[kRoom];
};

template <class T>
struct Written {
  std::vector<bool> bytes = std::vector<bool>(kRoom);

  // `call` returns a T by value, seen as a Returned.
  template <class Call>
  void run(Call call) {
    for (const unsigned char poison : {0xA5, 0x5A}) {
      alignas(16) static unsigned char room[kRoom];
      std::memset(room, poison, kRoom);
      // Hides from the compiler what stands in the room, so that it keeps the poison.
      unsigned char* place = room;
      asm volatile("" : "+r"(place) : : "memory");
      new (place) Returned(call());
      asm volatile("" : : "r"(place) : "memory");
      for (size_t i = 0; i < kRoom; ++i) {
        if (place[i] != poison) bytes[i] = true;
      }
      std::launder(reinterpret_cast<T*>(place))->~T();
    }
  }

  std::string text() const {
    std::string ranges;
    for (size_t begin = 0; begin < kRoom;) {
      size_t end = begin;
      while (end < kRoom && bytes[end]) ++end;
      if (end > begin)
        ranges += (ranges.empty() ? "[" : ",[") + std::to_string(begin) + "," + std::to_string(end) + "]";
      begin = end + 1;
    }
    return Object().number("declared", sizeof(T)).raw("written", "[" + ranges + "]").text();
  }
};

template <class T, class Owner, class... Args>
std::string written_by(T (Owner::*function)(Args...), Owner& owner, const std::common_type_t<Args>&... args) {
  Written<T> written;
  const auto as_returned = reinterpret_cast<Returned (Owner::*)(Args...)>(function);
  written.run([&] { return (owner.*as_returned)(args...); });
  return written.text();
}

template <class T, class Owner, class... Args>
std::string written_by(T (Owner::*function)(Args...) const, Owner& owner,
                       const std::common_type_t<Args>&... args) {
  Written<T> written;
  const auto as_returned = reinterpret_cast<Returned (Owner::*)(Args...) const>(function);
  written.run([&] { return (owner.*as_returned)(args...); });
  return written.text();
}

template <class T, class... Args>
std::string written_by(T (*function)(Args...), const std::common_type_t<Args>&... args) {
  Written<T> written;
  const auto as_returned = reinterpret_cast<Returned (*)(Args...)>(function);
  written.run([&] { return as_returned(args...); });
  return written.text();
}

}  // namespace probe
