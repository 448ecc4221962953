// An aligned table for people: text to the left, figures to the right, a unit under each heading.
#pragma once

#include <string>
#include <vector>

#include "core/nanos.h"

namespace paxoscope::cli {

class Table {
 public:
  struct Column {
    std::string heading;
    std::string unit;
    bool left = false;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }  // as many as columns
  void rule() { rows_.emplace_back(); }
  std::string to_string() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty one is a rule
};

// "1.23M", "45.6k", "789", "0.0123": three significant digits, and "-" for NaN.
std::string short_number(double value);

// Three significant digits in a unit that suits: "4.32 us", "238 us", "1.50 s".
std::string shown_time(Nanos time);

// "4.32 us", or that a run was interrupted before it was measured (zero).
std::string shown_round_trip(Nanos round_trip);

}  // namespace paxoscope::cli
