/// @file
/// Training, gradients and queries of the book's network, 784-200-10.
#pragma once

#include "contest.hpp"
#include "rivals.hpp"

#include <backquery/network/make_fixed_network.hpp>

#ifdef BENCHMARK_WITH_FANN
#include "fann_network.hpp"
#endif
#ifdef __unix__
#include "exported_source.hpp"
#endif

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace bench {

inline const std::string ours = "backquery";
inline const std::string plain_port = "plain Eigen port";

/// One step per sample, in one call where the contestant can.
template <typename Scalar>
Contest training(const Samples<Scalar>& samples) {
  const auto rivals = std::make_shared<Rivals<Scalar>>();
  Contest contest{"train(X, T), " + samples.name, "steps", static_cast<double>(samples.x.cols()), {}};
  contest.contestants = {
      {ours, [=, &samples] { rivals->network.train(samples.x, samples.t); },
       [=] { rivals->reset_network(); }},
      {plain_port, [=, &samples] { rivals->train_plain(samples); }, [=] { rivals->reset_plain(); }}};
#ifdef BENCHMARK_WITH_FANN
  if constexpr (std::is_same_v<Scalar, float>) {
    const auto fann = std::make_shared<FannNetwork>(784, 200, 10, float(learning_rate));
    contest.contestants.push_back({"FANN", [=, &samples] {
                                     for (Index i = 0; i < samples.x.cols(); ++i) {
                                       fann->train(samples.x.col(i).data(), samples.t.col(i).data());
                                     }
                                   }});
  }
#endif
  return contest;
}

/// One step per sample, with one call per sample.
template <typename Scalar>
Contest training_by_calls(const Samples<Scalar>& samples) {
  Contest contest = training(samples);
  const auto rivals = std::make_shared<Rivals<Scalar>>();
  contest.name = "train(x, t), " + samples.name;
  contest.contestants[0].prepare = [=] { rivals->reset_network(); };
  contest.contestants[0].work = [=, &samples] {
    for (Index i = 0; i < samples.x.cols(); ++i) rivals->network.train(samples.x.col(i), samples.t.col(i));
  };
  contest.contestants.resize(2);  // without FANN, which always takes one call per sample
  return contest;
}

constexpr Index batch = 128;

/// Calls compute(x, t) for each full batch.
template <typename Scalar, typename Compute>
void for_each_batch(const Samples<Scalar>& samples, const Compute& compute) {
  for (Index first = 0; first + batch <= samples.x.cols(); first += batch) {
    compute(samples.x.middleCols(first, batch), samples.t.middleCols(first, batch));
  }
}

template <typename Scalar>
Contestant gradients_by(int threads, const std::shared_ptr<Rivals<Scalar>>& rivals,
                        const Samples<Scalar>& samples) {
  return {ours, [=, pool = std::make_shared<backquery::ThreadPool>(threads), &samples] {
            for_each_batch(samples, [&](const auto& x, const auto& t) {
              rivals->network.gradients(x, t, rivals->gradients, rivals->workspace, *pool);
            });
          }};
}

template <typename Scalar>
Contest gradients(const Samples<Scalar>& samples) {
  const auto rivals = std::make_shared<Rivals<Scalar>>();
  const double amount = static_cast<double>(samples.x.cols() / batch * batch);
  return {"gradients of 128, " + samples.name,
          "samples",
          amount,
          {gradients_by(1, rivals, samples), {plain_port, [=, &samples] {
                                                for_each_batch(samples, [&](const auto& x, const auto& t) {
                                                  rivals->plain.compute_gradients(x, t);
                                                });
                                              }}}};
}

template <typename Scalar>
Contest gradients_by_threads(const Samples<Scalar>& samples) {
  const auto two = std::make_shared<Rivals<Scalar>>(), one = std::make_shared<Rivals<Scalar>>();
  Contest contest = gradients(samples);
  contest.name += ", 2 threads";
  contest.contestants = {gradients_by(2, two, samples), gradients_by(1, one, samples)};
  contest.contestants[1].name = "backquery, 1 thread";
  return contest;
}

template <typename Scalar>
Contest queries_of_one(const Samples<Scalar>& samples) {
  const auto rivals = std::make_shared<Rivals<Scalar>>();
  const auto each = [&samples](auto query) {
    return [=, &samples] {
      double sum = 0;
      for (Index i = 0; i < samples.x.cols(); ++i) sum += static_cast<double>(query(samples.x.col(i)));
      keep(sum);
    };
  };
  Contest contest{"query(x), " + samples.name, "queries", static_cast<double>(samples.x.cols()), {}};
  contest.contestants = {{ours, each([=](const auto& x) {
                            rivals->network.query(x, rivals->output);
                            return rivals->output(0);
                          })},
                         {plain_port, each([=](const auto& x) { return rivals->plain.query(x)(0); })}};
  const auto fixed = std::make_shared<const backquery::FixedNetwork<Scalar, 784, 200, 10>>(
      backquery::make_fixed_network<784, 200, 10>(rivals->network));
  contest.contestants.push_back({"FixedNetwork", each([=](const auto& x) {
                                   Eigen::Matrix<Scalar, 10, 1> output;
                                   fixed->query(x.template head<784>(), output);
                                   return output(0);
                                 })});
#ifdef BENCHMARK_WITH_FANN
  if constexpr (std::is_same_v<Scalar, float>) {
    const auto fann = std::make_shared<FannNetwork>(784, 200, 10, float(learning_rate));
    contest.contestants.push_back({"FANN", each([=](const auto& x) { return fann->query(x.data()); })});
  }
#endif
  return contest;
}

#ifdef __unix__
inline Contest queries_in_c(const Samples<float>& samples) {
  const auto fixed_query = queries_of_one(samples).contestants[2];
  const auto exported = std::make_shared<const ExportedSource>(Rivals<float>().network);
  return {"query(x), exported C source, " + samples.name,
          "queries",
          static_cast<double>(samples.x.cols()),
          {{"exported C source",
            [=, &samples] {
              float output[10], sum = 0;
              for (Index i = 0; i < samples.x.cols(); ++i) {
                exported->query()(samples.x.col(i).data(), output);
                sum += output[0];
              }
              keep(static_cast<double>(sum));
            }},
           fixed_query}};
}

inline void run_queries_in_c(const Session& session, const Samples<float>& samples) {
  if (!session.wants("query(x), exported C source, " + samples.name)) return;
  try {
    session.run(queries_in_c(samples));
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "exported C source is skipped: %s\n", error.what());
  }
}
#endif

template <typename Scalar>
Contest queries_of_many(const Samples<Scalar>& samples) {
  const auto rivals = std::make_shared<Rivals<Scalar>>();
  const Index columns = std::min<Index>(1000, samples.x.cols()), blocks = samples.x.cols() / columns;
  rivals->outputs.resize(rivals->network.outputs(), columns);
  const auto each = [=, &samples](auto query) {
    return [=, &samples] {
      for (Index block = 0; block < blocks; ++block) query(samples.x.middleCols(block * columns, columns));
    };
  };
  return {"query of 1000, " + samples.name,
          "queries",
          static_cast<double>(blocks * columns),
          {{ours, each([=](const auto& x) { rivals->network.query(x, rivals->outputs, rivals->workspace); })},
           {plain_port, each([=](const auto& x) { rivals->plain.query_batch(x); })}}};
}

template <typename Scalar>
void run_network_contests(const Session& session, const Digits& digits, Index count) {
  const auto dense = dense_samples<Scalar>(784, 10, count);
  const auto mnist = digit_samples<Scalar>(digits.training, 0, count);
  session.run(training(dense));
  session.run(training(mnist));
  session.run(training_by_calls(mnist));
  session.run(gradients(dense));
  session.run(gradients(mnist));
  session.run(gradients_by_threads(mnist));
  session.run(queries_of_one(dense));
  session.run(queries_of_one(mnist));
#ifdef __unix__
  if constexpr (std::is_same_v<Scalar, float>) run_queries_in_c(session, dense);
#endif
  session.run(queries_of_many(dense));
  session.run(queries_of_many(mnist));
}

}  // namespace bench
