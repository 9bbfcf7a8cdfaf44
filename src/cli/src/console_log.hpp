#pragma once

#include "airssys/core/ports/log_port.hpp"
#include "console.hpp"

namespace airssys::cli {

/// Log lines on standard error: `12:01:02.345 warn  demo/split/1  text key=value`. With --quiet errors alone, with --verbose
/// everything. With --output json an object a line: `log_line`, and "fields" if there are any.
class ConsoleLog final : public core::LogPort {
 public:
  explicit ConsoleLog(Console& console) : console_(console) {}

  void write(std::string_view source, core::LogLevel level, std::string_view text,
             std::span<const core::LogField> fields) noexcept override;
  void write_about(std::string_view actor, std::string_view source, core::LogLevel level,
                   std::string_view text) noexcept override;
  bool enabled(core::LogLevel level) const noexcept override;

 private:
  void write_as(std::string_view owner, std::string_view source, core::LogLevel level, std::string_view text,
                std::span<const core::LogField> fields) noexcept;

  Console& console_;
};

}  // namespace airssys::cli
