/// @file
/// A column of a table while it is read.
#pragma once

#include <backquery/tables/detail/table_field.hpp>
#include <backquery/tables/table.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace backquery::detail {

/// The kind and the categories of a column.
///
/// Invariant: ids has the categories and their indices, in the order of the file or of the options.
struct ReadColumn {
  enum class Kind {
    unknown,  ///< all values are missing so far
    numbers,
    text,
    any_text  ///< named in the options
  };

  std::string name;
  Kind kind = Kind::unknown;
  bool is_closed = false;                      // no other categories are allowed
  std::unordered_map<std::string, Index> ids;  // the index of each category
  std::string first_text;                      // of kind text, for messages
  Index first_line = 0;

  bool is_text() const { return kind == Kind::text || kind == Kind::any_text; }

  /// The index of a category, which is added if it is new.
  Index id(const std::string& text) {
    return ids.emplace(text, static_cast<Index>(ids.size())).first->second;
  }

  /// Moves the categories to the result. Categories from the file are sorted: numbers by value, then texts.
  /// @param new_ids  receives the new index for each old one
  TableColumn finished(char point, std::vector<Index>& new_ids) {
    using Key = std::tuple<bool, double, std::string, Index>;  // is it text, value, text, old index
    std::vector<Key> keys;
    while (!ids.empty()) {
      auto node = ids.extract(ids.begin());
      double value = is_closed ? static_cast<double>(node.mapped()) : 0;
      bool in_range = true;
      const bool is_number = !is_closed && kind == Kind::any_text &&
                             read_decimal(node.key(), point, value, in_range) && in_range;
      keys.emplace_back(!is_number, value, std::move(node.key()), node.mapped());
    }
    std::sort(keys.begin(), keys.end());
    TableColumn column{name, is_text(), {}};
    new_ids.resize(keys.size());
    for (Key& key : keys) {
      new_ids[static_cast<std::size_t>(std::get<3>(key))] = static_cast<Index>(column.categories.size());
      column.categories.push_back(std::move(std::get<2>(key)));
    }
    return column;
  }
};

}  // namespace backquery::detail
