/// @file
/// The curves of a training report: loss, accuracy and learning rate by epoch, as pictures and as a table.
#pragma once

#include <algorithm>
#include <backquery/training/trainer_options.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../../lessons/support/svg.hpp"
#include "html.hpp"
#include "terminal.hpp"

namespace mnist {

using History = std::vector<backquery::EpochRecord>;

/// A number with four significant digits.
inline std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return std::isfinite(value) ? text : "not finite";
}

/// "0.07 s", "2.3 s"
inline std::string short_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 1 ? "%.2f s" : "%.1f s", seconds);
  return text;
}

/// Points of one line of a chart.
class Series {
 public:
  /// @param value  the value of an epoch; a value that is unset or not finite is left out
  Series(std::string name, const History& history,
         const std::function<std::optional<double>(const backquery::EpochRecord&)>& value)
      : name_(std::move(name)) {
    for (const auto& record : history) {
      const std::optional<double> y = value(record);
      if (y && std::isfinite(*y)) {
        xs_.push_back(record.epoch);
        ys_.push_back(*y);
      }
    }
  }

  bool empty() const { return xs_.empty(); }
  const std::string& name() const { return name_; }
  double smallest() const { return *std::min_element(ys_.begin(), ys_.end()); }
  double largest() const { return *std::max_element(ys_.begin(), ys_.end()); }

  void draw(lesson::Plot& plot, bool dashed) const { plot.line("", xs_, ys_, xs_.size() <= 40, dashed); }

  /// First and last value in words.
  std::string text() const {
    const auto at = [this](std::size_t i) {
      return short_number(ys_[i]) + " after epoch " + std::to_string(static_cast<int>(xs_[i]));
    };
    return name_ + ": " + at(0) + (xs_.size() > 1 ? ", " + at(xs_.size() - 1) : "");
  }

 private:
  std::string name_;
  std::vector<double> xs_, ys_;
};

/// At most `count` epochs, evenly spaced, with the last one.
inline History some_epochs(const History& history, std::size_t count) {
  const std::size_t step = (history.size() + count - 1) / count;
  History some;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if ((history.size() - 1 - i) % step == 0) {
      some.push_back(history[i]);
    }
  }
  return some;
}

/// A picture with a title and a legend. Two lines at most.
/// @param low, high  of the vertical axis
inline std::string chart(const std::string& title, const std::vector<Series>& lines, const History& history,
                         double low, double high) {
  lesson::PlotLook look{360, 232, 50, 10, 288, 176};
  look.ink = "var(--muted)";
  look.frame = look.grid = "var(--line)";
  look.background = "";
  look.legend = look.cut = false;
  look.palette = {"var(--series-1)", "var(--series-2)"};
  const double first = history.front().epoch, last = history.back().epoch;
  const double margin = first == last ? 1 : 0;
  lesson::Axis x{"epoch", first - margin, last + margin};
  x.whole = true;
  lesson::Axis y{"", low, high};
  y.parts = 4;
  lesson::Plot plot("", x, y, look);
  std::string legend, description = title + " by epoch.";
  for (const Series& line : lines) {
    line.draw(plot, &line != lines.data());
    description += ' ' + line.text() + '.';
    legend +=
        text_element(&line == lines.data() ? "span class=\"key\"" : "span class=\"key second\"", line.name());
  }
  return element("figure",
                 element("figcaption", text_element("strong", title) + legend) + plot.svg(description)) +
         '\n';
}

inline void remove_empty(std::vector<Series>& lines) {
  lines.erase(std::remove_if(lines.begin(), lines.end(), [](const Series& line) { return line.empty(); }),
              lines.end());
}

inline std::string loss_and_accuracy_charts(const History& history) {
  using Record = backquery::EpochRecord;
  std::string charts;
  std::vector<Series> loss = {{"test images", history, [](const Record& r) { return r.validation_loss; }},
                              {"training images", history, [](const Record& r) { return r.loss; }}};
  remove_empty(loss);
  if (!loss.empty()) {
    double high = 1e-12;
    for (const Series& line : loss) {
      high = std::max(high, line.largest());
    }
    charts += chart("Loss", loss, history, 0, 1.05 * high);
  }
  std::vector<Series> accuracy = {
      {"test images", history, [](const Record& r) { return r.validation_accuracy; }},
      {"training images", history, [](const Record& r) { return r.accuracy; }}};
  remove_empty(accuracy);
  if (!accuracy.empty()) {
    double low = 1;
    for (const Series& line : accuracy) {
      low = std::min(low, line.smallest());
    }
    charts += chart("Accuracy", accuracy, history, std::max(std::floor(low * 20 - 0.5) / 20, 0.), 1);
  }
  return charts;
}

inline std::string learning_rate_chart(const History& history) {
  const Series rate("learning rate", history,
                    [](const auto& r) { return std::optional<double>(r.learning_rate); });
  if (rate.empty() || rate.largest() <= 0) {
    return {};
  }
  return chart("Learning rate", {rate}, history, 0, 1.2 * rate.largest());
}

/// The numbers of the curves.
inline std::string epochs_table(const History& history) {
  constexpr std::size_t most = 100;
  using Record = backquery::EpochRecord;
  const std::vector<std::pair<std::string, std::function<std::string(const Record&)>>> columns = {
      {"learning rate", [](const Record& r) { return short_number(r.learning_rate); }},
      {"training loss", [](const Record& r) { return short_number(r.loss); }},
      {"test loss",
       [](const Record& r) { return r.validation_loss ? short_number(*r.validation_loss) : ""; }},
      {"training accuracy", [](const Record& r) { return r.accuracy ? four_digits(*r.accuracy) : ""; }},
      {"test accuracy",
       [](const Record& r) { return r.validation_accuracy ? four_digits(*r.validation_accuracy) : ""; }},
      {"time", [](const Record& r) { return short_seconds(r.seconds); }}};
  const History shown = some_epochs(history, most);
  std::string head = text_element("th scope=\"col\"", "epoch"), body;
  for (const auto& [title, text] : columns) {
    head += text_element("th scope=\"col\"", title);
  }
  for (const Record& record : shown) {
    std::string row = text_element("th scope=\"row\"", std::to_string(record.epoch));
    for (const auto& [title, text] : columns) {
      row += text_element("td", text(record));
    }
    body += element("tr", row) + '\n';
  }
  const std::string caption =
      shown.size() == history.size() ? "Results after each epoch" : "Results after evenly spaced epochs";
  return element("details",
                 text_element("summary", "The numbers of these curves") +
                     element("div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Results of the "
                             "epochs\"",
                             element("table class=\"numbers\"", text_element("caption", caption) +
                                                                    element("thead", element("tr", head)) +
                                                                    element("tbody", body)))) +
         '\n';
}

/// All curves and their table.
/// @param history  at least one epoch
inline std::string curves(const History& history) {
  const History shown = some_epochs(history, 400);
  return element("div class=\"curves\"", loss_and_accuracy_charts(shown) + learning_rate_chart(shown)) +
         '\n' + epochs_table(history);
}

}  // namespace mnist
