/// @file
/// Scores of the outputs of a network: of classifiers and of regressions.
#pragma once

#include <backquery/metrics/classification.hpp>
#include <backquery/metrics/regression.hpp>
