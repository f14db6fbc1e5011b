// Whether bytes are UTF-8 as the Unicode standard defines it: nothing overlong, no surrogates, nothing above
// U+10FFFF. OpenVINO Tokenizers hands text to compiled patterns that trust it to be, and read outside of it
// where it is not.
#pragma once

#include <cstdint>
#include <string_view>

namespace openvino_llm {

inline bool is_well_formed_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<uint8_t>(text[at++]);
    if (lead < 0x80) continue;
    // The second byte's range depends on the first byte (table 3-7 of the standard).
    uint8_t least = 0x80;
    uint8_t most = 0xBF;
    unsigned following = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
      following = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      following = 2;
      if (lead == 0xE0) least = 0xA0;
      if (lead == 0xED) most = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      following = 3;
      if (lead == 0xF0) least = 0x90;
      if (lead == 0xF4) most = 0x8F;
    } else {
      return false;
    }
    for (; following > 0; --following, least = 0x80, most = 0xBF) {
      if (at == text.size()) return false;
      const auto byte = static_cast<uint8_t>(text[at++]);
      if (byte < least || byte > most) return false;
    }
  }
  return true;
}

}  // namespace openvino_llm
