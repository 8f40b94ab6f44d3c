/// @file
/// Finds the probable reasons why a training does not succeed.
#pragma once

#include <backquery/training/detail/findings.hpp>

#include <string>

namespace backquery {

/// Reports the faults of a trained network and its samples in words. The text is empty if there are none.
/// Otherwise each line names a fault and its remedy:
///
/// | finding             | evidence                                                                        |
/// |---------------------|---------------------------------------------------------------------------------|
/// | not finite          | a weight is NaN or infinite                                                     |
/// | a single class      | all labels, or all targets, are equal; up to 10,000 samples are compared        |
/// | equal inputs        | all samples have the same inputs, but different targets                         |
/// | dark images         | all inputs are 0 to 0.109, a tenth of the range of pixels                       |
/// | sorted samples      | neighbors have the same class, or similar targets; nothing was learned, or the  |
/// |                     | class of the last sample is predicted too often                                 |
/// | nothing was learned | the predictions are no better than the mean of the targets                      |
/// | not scaled          | little was learned, and the magnitude of an input or a target is above 10, or   |
/// |                     | the magnitudes of all inputs or all targets are below 0.1                       |
/// | a row not learned   | more than a little was learned, but nothing of a row of targets whose standard  |
/// |                     | deviation is below a tenth of the largest one; not for classifiers, and not for |
/// |                     | targets within -1 .. 1, such as the pixels of an autoencoder                    |
/// | flat layer          | little was learned, and the magnitude of f' is below 0.005 at 95 % of the       |
/// |                     | outputs of a layer                                                              |
/// | vanishing gradients | little was learned, and in the first layer, the gradients with respect to the   |
/// |                     | pre-activations are below 1/200 of the gradients in the last layer              |
/// | imbalanced classes  | nothing was learned, and more than 0.8 of the samples have the same class       |
///
/// In the text, faults of the samples come first, then flat layers, vanishing gradients and imbalanced
/// classes, and "nothing was learned" comes last. If a fault of the samples was found, the others are not
/// examined, because the fault may be their cause.
///
/// ```cpp
/// std::cout << backquery::diagnose(net, backquery::image_source<float>(training)) << '\n';
/// ```
///
/// 128 samples are examined, or 10 for each class or output if these are more, but at most 1280: pairs of
/// neighbors, spread evenly over the source. Give the whole source in the order of the training, because the
/// first samples of a sorted source belong to one class. `Trainer::fit` returns the finding on its training
/// samples; it does not look for a sorted source, because it shuffles the samples.
///
/// Nothing was learned if the mean loss of the predictions is at least 0.99 times the mean loss of a constant
/// prediction, the mean of the targets. If the loss of the network is a cross-entropy, squared_error replaces
/// it. For a classifier (see EpochRecord), the number of correct predictions must also be explained by
/// chance; this test needs a source with 10 samples for each class. If no class of a classifier has half of
/// the samples, a factor of 0.9 is sufficient in place of 0.99. Little was learned if the factor is at least
/// 0.9 and, for a classifier, the number of correct predictions exceeds the number of samples of the most
/// frequent class by at most half of the other samples.
/// @param first_label  the label of class 0 in the text, such as ReadOptions::first_label
/// @throws std::invalid_argument for samples that do not suit the network
template <typename Scalar>
std::string diagnose(const NeuralNetwork<Scalar>& network, const SampleSource<Scalar>& source,
                     int first_label = 0) {
  if (source.samples < 1 || !source.fill) {
    return {};
  }
  const auto parameters = network.parameters();
  if (!detail::all_finite(parameters.data(), parameters.size())) {
    return "a weight is NaN or infinite. Is the learning rate too large? Are the inputs scaled, to 0.01 .. 1 "
           "for pixels?";
  }
  const detail::Examination<Scalar> examination(network, source, first_label);
  return detail::Findings<Scalar>{examination}.text(true);
}

}  // namespace backquery
