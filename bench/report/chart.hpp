#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"

namespace airssys::bench {

/// Points joined by a line, in the order of x.
struct Series {
  struct Point {
    double x = 0;
    double y = 0;
  };

  std::string name;
  std::vector<Point> points;
};

/// A line chart, written as SVG. The y axis begins at zero.
struct Chart {
  enum class Scale { linear, logarithmic };

  std::string title;
  std::string x_label;
  std::string y_label;
  Scale x_scale = Scale::logarithmic;
  std::vector<Series> series{};

  std::string to_svg() const;
};

/// `io`: with the system's words.
core::Result<void> write_chart(const std::filesystem::path& file, const Chart& chart);

}  // namespace airssys::bench
