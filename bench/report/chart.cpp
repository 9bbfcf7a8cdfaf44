#include "chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <string_view>

namespace airssys::bench {
namespace {

// The sheet, in units of the drawing: the plot lies between the margins.
constexpr double kWidth = 720;
constexpr double kHeight = 420;
constexpr double kLeft = 76;
constexpr double kRight = kWidth - 24;
constexpr double kTop = 56;
constexpr double kBottom = kHeight - 64;

constexpr std::array<std::string_view, 4> kColours{"#1b6ca8", "#c8553d", "#3d8c5a", "#7a5195"};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string label_of(double value) {
  if (value >= 1'000'000) return fmt::format("{:g}M", value / 1'000'000);
  if (value >= 10'000) return fmt::format("{:g}k", value / 1'000);
  return fmt::format("{:g}", value);
}

/// 1, 2 or 5 times a power of ten, such that a handful of steps reach `most`.
double step_for(double most) {
  const double power = std::pow(10.0, std::floor(std::log10(most / 4)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (most / (factor * power) <= 6) return factor * power;
  }
  return 10 * power;
}

/// Where values lie on the sheet.
class Frame {
 public:
  explicit Frame(const Chart& chart) : logarithmic_(chart.x_scale == Chart::Scale::logarithmic) {
    bool first = true;
    for (const Series& series : chart.series) {
      for (const auto& [x, y] : series.points) {
        x_least_ = first ? at(x) : std::min(x_least_, at(x));
        x_most_ = first ? at(x) : std::max(x_most_, at(x));
        y_most_ = std::max(y_most_, y);
        first = false;
      }
    }
    y_most_ = y_most_ > 0 ? y_most_ * 1.08 : 1;
    if (x_most_ <= x_least_) x_most_ = x_least_ + 1;
  }

  double x(double value) const { return kLeft + (at(value) - x_least_) / (x_most_ - x_least_) * (kRight - kLeft); }
  double y(double value) const { return kBottom - value / y_most_ * (kBottom - kTop); }
  double y_most() const noexcept { return y_most_; }

 private:
  /// 0 has a place on a logarithmic axis, too: where 1 is.
  double at(double value) const { return logarithmic_ ? std::log10(std::max(1.0, value)) : value; }

  bool logarithmic_;
  double x_least_ = 0;
  double x_most_ = 0;
  double y_most_ = 0;
};

void draw_axes(std::string& svg, const Chart& chart, const Frame& frame) {
  const double step = step_for(frame.y_most());
  for (double value = 0; value <= frame.y_most(); value += step) {
    const double y = frame.y(value);
    svg += fmt::format("<line x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\" stroke=\"#ddd\"/>\n", kLeft, y, kRight, y);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 8, y + 4, label_of(value));
  }
  double last = -100;
  for (const auto& point : chart.series.front().points) {
    const double x = frame.x(point.x);
    if (x - last < 36) continue;
    last = x;
    svg +=
        fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#333\"/>\n", x, kBottom, kBottom + 5);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x, kBottom + 20, label_of(point.x));
  }
  svg += fmt::format("<line x1=\"{0}\" y1=\"{1}\" x2=\"{2}\" y2=\"{1}\" stroke=\"#333\"/>\n", kLeft, kBottom, kRight);
  svg += fmt::format("<text x=\"{}\" y=\"28\" font-size=\"16\">{}</text>\n", kLeft, escaped(chart.title));
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (kLeft + kRight) / 2, kHeight - 18,
                     escaped(chart.x_label));
  svg += fmt::format("<text transform=\"translate(20 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                     (kTop + kBottom) / 2, escaped(chart.y_label));
}

void draw_series(std::string& svg, const Series& series, const Frame& frame, std::size_t number) {
  const std::string_view colour = kColours[number % kColours.size()];
  std::string line;
  for (const auto& [x, y] : series.points) line += fmt::format("{:.1f},{:.1f} ", frame.x(x), frame.y(y));
  svg += fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" points=\"{}\"/>\n", colour, line);
  for (const auto& [x, y] : series.points) {
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"><title>{}: {:g}, {:.1f}</title></circle>\n",
                       frame.x(x), frame.y(y), colour, escaped(series.name), x, y);
  }
  svg += fmt::format("<text x=\"{}\" y=\"48\" text-anchor=\"end\" fill=\"{}\">{}</text>\n",
                     kRight - 130 * static_cast<double>(number), colour, escaped(series.name));
}

}  // namespace

std::string Chart::to_svg() const {
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      kWidth, kHeight);
  if (!series.empty()) {
    const Frame frame(*this);
    draw_axes(svg, *this, frame);
    for (std::size_t i = 0; i < series.size(); ++i) draw_series(svg, series[i], frame, i);
  }
  return svg + "</svg>\n";
}

core::Result<void> write_chart(const std::filesystem::path& file, const Chart& chart) {
  std::ofstream out(file);
  out << chart.to_svg();
  out.close();
  if (out) return {};
  return std::unexpected(
      core::Error(core::ErrorCode::io, "bench", file.string() + ": can't be written: choose another folder"));
}

}  // namespace airssys::bench
