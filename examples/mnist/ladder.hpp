/// @file
/// The rungs of the ladder: a network and a recipe each, with who published what by them.
#pragma once

#include <backquery/augmentation/deformation.hpp>
#include <backquery/backquery.hpp>
#include <backquery/training/trainer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "digits.hpp"

namespace mnist {

/// A network, and how it learns to read digits.
struct Rung {
  std::string recipe;
  std::string source;     ///< who measured such a network
  std::string published;  ///< the error that they give, in percent
  std::vector<Index> hidden;
  bool online = false;  ///< a step a sample in the order of the file, as in the notes; else mini-batches
  // online:
  float learning_rate = 0;
  int epochs = 0;
  double rotate = 0;  ///< two more copies of each digit, turned by as much either way
  // mini-batches:
  backquery::TrainerOptions training{};
  backquery::DeformationRanges deformation{};
};

/// What rungs 3 and up have in common: rectified linear units, softmax with cross-entropy, Adam on one cycle.
inline Rung modern(std::string recipe, std::string source, std::string published, std::vector<Index> hidden,
                   int epochs) {
  Rung rung{std::move(recipe), std::move(source), std::move(published), std::move(hidden)};
  rung.training.epochs = epochs;
  rung.training.optimizer.method = backquery::OptimizationMethod::adam;
  rung.training.schedule = backquery::ScheduleOptions::one_cycle(0.002, 0.1);
  return rung;
}

inline std::vector<Rung> ladder() {
  const std::string book = "Rashid, Make Your Own Neural Network (2016)";
  const std::string lecun = "LeCun et al., Gradient-based learning applied to document recognition (1998)";
  const std::string simard =
      "Simard, Steinkraus, Platt, Best practices for convolutional neural networks (2003)";
  const std::string ciresan = "Ciresan et al., Deep, big, simple neural nets (2010)";

  Rung notes{"the notes' network", book, "2.5 to 2.9", {200}};
  notes.online = true;
  notes.learning_rate = 0.1f;
  notes.epochs = 5;
  Rung turned = notes;
  turned.recipe = "rung 1 with copies turned by +-10 degrees";
  turned.published = "2.2 to 2.5";
  turned.learning_rate = 0.01f;
  turned.epochs = 10;
  turned.rotate = 10;

  backquery::DeformationRanges affine;
  affine.degrees = 15;
  affine.scale = 0.15;
  affine.shift = 1;
  backquery::DeformationRanges elastic;
  elastic.elastic_sigma = 5;
  elastic.elastic_alpha = 36;
  backquery::DeformationRanges both = affine;
  both.elastic_sigma = elastic.elastic_sigma;
  both.elastic_alpha = elastic.elastic_alpha;

  Rung lecun_300 = modern("300 hidden nodes, no augmentation", lecun, "4.7", {300}, 20);
  Rung simard_800 = modern("800 hidden nodes, cross-entropy, no augmentation", simard, "1.6", {800}, 20);
  Rung simard_affine = modern("800 hidden nodes, affine deformation", simard, "1.1", {800}, 60);
  simard_affine.deformation = affine;
  Rung simard_elastic = modern("800 hidden nodes, elastic deformation", simard, "0.7", {800}, 60);
  simard_elastic.deformation = elastic;
  Rung ciresan_deep =
      modern("1500-1000-500, elastic and affine deformation", ciresan, "0.46", {1500, 1000, 500}, 60);
  ciresan_deep.deformation = both;
  return {notes, turned, lecun_300, simard_800, simard_affine, simard_elastic, ciresan_deep};
}

}  // namespace mnist
