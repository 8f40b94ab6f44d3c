/// @file
/// All of backquery's core: what needs Eigen and the standard library only.
#pragma once

#include <backquery/augmentation/flip.hpp>
#include <backquery/augmentation/rotate.hpp>
#include <backquery/augmentation/rotation.hpp>
#include <backquery/augmentation/scale.hpp>
#include <backquery/images/labelled_images.hpp>
#include <backquery/images/read_csv.hpp>
#include <backquery/images/read_idx.hpp>
#include <backquery/images/scaling.hpp>
#include <backquery/metrics.hpp>
#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/version.hpp>
