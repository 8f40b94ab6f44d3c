/// @file
/// Umbrella header. Not included, to keep compile times low: build_info.hpp, network/fixed_network.hpp,
/// training/trainer.hpp, images/digits_from_image.hpp, tables/, model/npy.hpp and model/source.hpp. Also not
/// included: images/gzip.hpp, which needs zlib, and model/onnx.hpp, which needs protozero.
#pragma once

#include <backquery/augmentation/deformation.hpp>
#include <backquery/augmentation/flip.hpp>
#include <backquery/augmentation/rotate.hpp>
#include <backquery/augmentation/rotation.hpp>
#include <backquery/augmentation/scale.hpp>
#include <backquery/images/labeled_images.hpp>
#include <backquery/images/read_csv.hpp>
#include <backquery/images/read_idx.hpp>
#include <backquery/images/read_images.hpp>
#include <backquery/images/read_options.hpp>
#include <backquery/images/scaling.hpp>
#include <backquery/metrics.hpp>
#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>
#include <backquery/network/fold.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/version.hpp>
