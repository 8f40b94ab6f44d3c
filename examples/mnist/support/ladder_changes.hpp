/// @file
/// Options of mnist_ladder that change a recipe, to find a better one.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <backquery/augmentation/deformation_ranges.hpp>
#include <backquery/detail/enum_names.hpp>
#include <backquery/network/activation.hpp>
#include <functional>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "ladder.hpp"

namespace mnist {

/// Changes to the recipe of a rung.
struct Changes {
  std::vector<std::function<void(Rung&)>> changes;
  bool suit_batches_only = false;  ///< at least one change has no effect on a rung with the book's rule
  bool deform = false;             ///< at least one change has no effect without deformation

  bool any() const { return !changes.empty(); }

  Rung applied_to(Rung rung) const {
    for (const auto& change : changes) change(rung);
    return rung;
  }
};

/// The names of all enumerators for which `is_allowed` is true.
template <typename Enum>
std::vector<std::string> names_of(bool (*is_allowed)(Enum) = [](Enum) { return true; }) {
  std::vector<std::string> names;
  for (const auto& entry : backquery::detail::EnumTable<Enum>::entries) {
    if (is_allowed(entry.value)) names.emplace_back(entry.name);
  }
  return names;
}

/// Adds the options that change a recipe. They are applied in this order.
inline void add_changes(CLI::App& app, Changes& changes) {
  const auto add = [&](const char* name, const char* text, auto value, auto change) {
    const auto note = [&changes, change](const decltype(value)& given) {
      changes.changes.push_back([change, given](Rung& rung) { change(rung, given); });
    };
    return app.add_option_function<decltype(value)>(name, note, text)
        ->group("Changes of the recipe, with --tune or --quick");
  };
  const auto real = [&](const char* name, const char* text, const CLI::Validator& check,
                        void (*change)(Rung&, double)) {
    return add(name, text, double(), change)->type_name("N")->check(check);
  };
  const auto whole = [&](const char* name, const char* text, const CLI::Validator& check,
                         void (*change)(Rung&, int)) {
    return add(name, text, int(), change)->type_name("N")->check(check);
  };
  const auto choice = [&](const char* name, const char* text, const std::vector<std::string>& names,
                          void (*change)(Rung&, const std::string&)) {
    return add(name, text, std::string(), change)->type_name("NAME")->check(CLI::IsMember(names));
  };
  const auto share =
      number("a number from 0 to below 1", [](double value) { return value >= 0 && value < 1; });
  const auto factor = number("a number from 0 to 10", [](double value) { return value >= 0 && value <= 10; });
  const auto size =
      number("a number from 0 to 1000", [](double value) { return value >= 0 && value <= 1000; });
  const auto rate = number("a number above 0", [](double value) { return value > 0 && value <= 1e6; });

  whole("--epochs", "passes over the digits", whole_number(1, 100000),
        [](Rung& rung, int epochs) { rung.epochs = rung.training.epochs = epochs; });
  real("--rate", "highest learning rate", rate, [](Rung& rung, double highest) {
    rung.training.optimizer.learning_rate = highest;
    rung.learning_rate = static_cast<float>(highest);
  });
  const std::vector<CLI::Option*> of_batches{
      choice("--method", "of the optimizer", names_of<backquery::OptimizationMethod>(),
             [](Rung& rung, const std::string& name) {
               auto& optimizer = rung.training.optimizer;
               optimizer.method = backquery::from_name<backquery::OptimizationMethod>(name);
               if (optimizer.method != backquery::OptimizationMethod::adamw) optimizer.weight_decay = 0;
             }),
      real("--momentum", "of sgd and rmsprop", share,
           [](Rung& rung, double momentum) { rung.training.optimizer.momentum = momentum; }),
      real("--weight-decay", "of sgd, rmsprop or adamw, which replaces adam", share,
           [](Rung& rung, double decay) {
             auto& optimizer = rung.training.optimizer;
             if (optimizer.method == backquery::OptimizationMethod::adam) {
               optimizer.method = backquery::OptimizationMethod::adamw;
             }
             optimizer.weight_decay = decay;
           }),
      choice("--schedule", "of the learning rate", names_of<backquery::ScheduleShape>(),
             [](Rung& rung, const std::string& name) {
               auto& schedule = rung.training.schedule;
               const auto shape = backquery::from_name<backquery::ScheduleShape>(name);
               // The usual final factor of the new shape; the factor of one_cycle is nearly 0.
               if (shape != schedule.shape) schedule = {shape, schedule.warm_up};
             }),
      whole("--batch-size", "samples in each step", whole_number(2, 10000),
            [](Rung& rung, int samples) { rung.training.batch_size = samples; }),
      choice("--activation", "of the hidden layers",
             names_of<backquery::Activation>(backquery::detail::is_elementwise),
             [](Rung& rung, const std::string& name) {
               rung.activation = backquery::from_name<backquery::Activation>(name);
             }),
      real("--dropout", "share of the hidden nodes that are dropped in each step", share,
           [](Rung& rung, double dropout) { rung.training.dropout = dropout; }),
      real("--label-smoothing", "share of the target that is spread over all classes", share,
           [](Rung& rung, double smoothing) { rung.training.label_smoothing = smoothing; }),
      whole("--batch-normalization", "1 or 0: with it or without", whole_number(0, 1),
            [](Rung& rung, int with) { rung.training.batch_normalization = with == 1; }),
      real("--degrees", "rotate images by up to N to either side", size,
           [](Rung& rung, double degrees) { rung.deformation.degrees = degrees; }),
      real("--scale", "scale x and y independently by 1 - N to 1 + N", share,
           [](Rung& rung, double scale) { rung.deformation.scale = scale; }),
      real("--shear", "shear by up to N columns for each row", size,
           [](Rung& rung, double shear) { rung.deformation.shear = shear; }),
      real("--shift", "shift by up to N pixels", size,
           [](Rung& rung, double shift) { rung.deformation.shift = shift; }),
      real("--elastic-sigma", "width of the elastic deformation's Gaussian, in pixels", size,
           [](Rung& rung, double sigma) { rung.deformation.elastic_sigma = sigma; }),
      real("--elastic-alpha", "its strength, in pixels", size,
           [](Rung& rung, double alpha) { rung.deformation.elastic_alpha = alpha; })};
  const std::vector<CLI::Option*> of_deformation{
      real("--strength", "factor on all parts of the deformation", factor,
           [](Rung& rung, double strength) {
             rung.deformation = backquery::scaled(rung.deformation, strength);
           }),
      real("--last-strength", "the same factor in the last epoch", factor,
           [](Rung& rung, double strength) { rung.last_strength = strength; })};
  app.final_callback([&changes, of_batches, of_deformation] {
    const auto given = [](const CLI::Option* option) { return option->count() > 0; };
    changes.deform = std::any_of(of_deformation.begin(), of_deformation.end(), given);
    changes.suit_batches_only = changes.deform || std::any_of(of_batches.begin(), of_batches.end(), given);
  });
}

}  // namespace mnist
