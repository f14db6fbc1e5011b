#include "text/utf8_stream.hpp"

#include <cstdint>

namespace openvino_llm {
namespace {

unsigned length_by_lead_byte(uint8_t byte) {
  if (byte < 0x80) return 1;
  if (byte >> 5 == 0b110) return 2;
  if (byte >> 4 == 0b1110) return 3;
  if (byte >> 3 == 0b11110) return 4;
  return 0;
}

// Overlong forms only: surrogates and values beyond U+10FFFF pass, as they do in UTF8Validate.
bool is_overlong(const char* symbol, unsigned length) {
  constexpr uint32_t kFirstCodePoint[] = {0, 0, 0x80, 0x800, 0x10000};
  uint32_t code_point = static_cast<uint8_t>(symbol[0]) & (0xFF >> (length + 1));
  for (unsigned i = 1; i < length; ++i)
    code_point = code_point << 6 | (static_cast<uint8_t>(symbol[i]) & 0x3F);
  return code_point < kFirstCodePoint[length];
}

}  // namespace

void Utf8Stream::invalid(std::string& out, size_t times) const {
  if (!replace_invalid_) return;
  for (size_t i = 0; i < times; ++i) out += "\xEF\xBF\xBD";
}

void Utf8Stream::push(std::string_view bytes, std::string& out) {
  for (char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (symbol_bytes_ != 0 && byte >> 6 != 0b10) {
      invalid(out);  // the symbol breaks off; this byte may begin another
      symbol_bytes_ = 0;
    }
    if (symbol_bytes_ == 0) {
      const unsigned length = length_by_lead_byte(byte);
      if (length == 1) {
        out += c;
      } else if (length == 0) {
        invalid(out);
      } else {
        symbol_bytes_ = length;
        symbol_[0] = c;
        have_ = 1;
      }
      continue;
    }
    symbol_[have_++] = c;
    if (have_ < symbol_bytes_) continue;
    if (is_overlong(symbol_, symbol_bytes_)) {
      invalid(out, symbol_bytes_);
    } else {
      out.append(symbol_, symbol_bytes_);
    }
    symbol_bytes_ = 0;
  }
}

void Utf8Stream::finish(std::string& out) {
  if (symbol_bytes_ != 0) invalid(out);
  symbol_bytes_ = 0;
}

std::string validate_utf8(std::string_view bytes, bool replace_invalid) {
  Utf8Stream stream(replace_invalid);
  std::string out;
  stream.push(bytes, out);
  stream.finish(out);
  return out;
}

}  // namespace openvino_llm
