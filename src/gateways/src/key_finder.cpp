#include "key_finder.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace airssys::gateways {
namespace {

constexpr std::string_view kBlanks = " \t\v\f\r";

std::string_view without_carriage_return(std::string_view line) noexcept {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::string_view> field_between_blanks(std::string_view line, std::uint32_t number) noexcept {
  for (;; --number) {
    const std::size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return std::nullopt;
    line.remove_prefix(begin);
    const std::string_view field = line.substr(0, line.find_first_of(kBlanks));
    if (number == 1) return field;
    line.remove_prefix(field.size());
  }
}

std::optional<std::string_view> field_between(std::string_view line, std::string_view separator,
                                              std::uint32_t number) noexcept {
  for (; number > 1; --number) {
    const std::size_t end = line.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    line.remove_prefix(end + separator.size());
  }
  return line.substr(0, line.find(separator));
}

std::optional<std::string_view> field_of(std::string_view line, const FieldKey& key) noexcept {
  line = without_carriage_return(line);
  return key.separator.empty() ? field_between_blanks(line, key.number) : field_between(line, key.separator, key.number);
}

/// "/a~1b/~0" to "a/b", "~".
std::vector<std::string> parts_of(std::string_view pointer) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < pointer.size(); ++at) {
    if (pointer[at] == '/') {
      parts.emplace_back();
    } else if (!parts.empty() && pointer[at] == '~' && at + 1 < pointer.size()) {
      parts.back() += pointer[++at] == '1' ? '/' : '~';
    } else if (!parts.empty()) {
      parts.back() += pointer[at];
    }
  }
  return parts;
}

/// Follows a JSON text, event by event, until it has come to the value at `path`. `depth_` is how many objects and arrays are
/// open, `matched_` how many of the path's parts lead to the value at hand: a value is on the path if the parts of all that is
/// open around it were matched.
class Walker {
 public:
  Walker(const std::vector<std::string>& path, std::string& found) : path_(path), found_(found) {}
  bool has_found() const noexcept { return has_found_; }

  bool null() { return scalar("null"); }
  bool boolean(bool value) { return scalar(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return scalar(std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return scalar(std::to_string(value)); }
  bool number_float(double, const std::string& text) { return scalar(text); }
  bool string(std::string& value) { return scalar(value); }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return open(false); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(true); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    is_next_on_path_ = matched_ == depth_ - 1 && name == path_[matched_];
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }

 private:
  /// Whether the value that begins here is the next part of the path. In an array it is by its number.
  bool is_on_path() noexcept {
    if (depth_ == 0) return true;
    if (!in_array_on_path()) return std::exchange(is_next_on_path_, false);
    return is_index(path_[matched_], next_index_++);
  }
  bool in_array_on_path() const noexcept { return array_at_ == depth_ && matched_ == depth_ - 1; }
  /// Without leading zeros, as RFC 6901 wants it.
  static bool is_index(std::string_view part, std::size_t index) noexcept {
    std::size_t number = 0;
    const auto [stop, fault] = std::from_chars(part.data(), part.data() + part.size(), number);
    return fault == std::errc{} && stop == part.data() + part.size() && number == index && (part.size() == 1 || part[0] != '0');
  }

  /// False where the walk is over: found, or what is there is no key.
  bool scalar(std::string_view text) {
    if (!is_on_path()) return true;
    if (depth_ != path_.size()) return false;
    found_ = text;
    has_found_ = true;
    return false;
  }
  bool open(bool is_array) {
    const bool on_path = is_on_path();
    if (on_path && depth_ == path_.size()) return false;  // An object or an array is no key.
    if (on_path) {
      matched_ = depth_;
      array_at_ = is_array ? depth_ + 1 : 0;
      next_index_ = 0;
    }
    ++depth_;
    return true;
  }
  bool close() noexcept {
    --depth_;
    return depth_ != matched_;  // What was on the path is over, and the key was not in it.
  }

  const std::vector<std::string>& path_;
  std::string& found_;
  std::size_t depth_ = 0;
  std::size_t matched_ = 0;
  std::size_t array_at_ = 0;  ///< The depth within the array on the path; 0: an object is.
  std::size_t next_index_ = 0;
  bool is_next_on_path_ = false;
  bool has_found_ = false;
};

}  // namespace

KeyFinder::KeyFinder(LineKey key) : key_(std::move(key)) {
  if (const auto* pointer = std::get_if<PointerKey>(&key_)) path_ = parts_of(pointer->pointer);
}

std::optional<std::string_view> KeyFinder::find(std::string_view line) {
  if (const auto* field = std::get_if<FieldKey>(&key_)) return field_of(line, *field);
  if (!std::holds_alternative<PointerKey>(key_)) return line;
  Walker walker(path_, found_);
  nlohmann::json::sax_parse(line.begin(), line.end(), &walker);
  if (!walker.has_found()) return std::nullopt;
  return found_;
}

}  // namespace airssys::gateways
