/// @file
/// Data that a program keeps in the file of a network.
#pragma once

#include <map>
#include <string>

namespace backquery {

/// Bytes by name, in the same file as a network. `load` without an argument for sections ignores them.
///
/// ```cpp
/// backquery::save(net, "network.bqm", {{"classes", "cat,dog"}});
/// backquery::Sections sections;
/// const auto same = backquery::load<float>("network.bqm", sections);
/// std::cout << sections["classes"];
/// ```
using Sections = std::map<std::string, std::string>;

}  // namespace backquery
