/// @file
/// A fully connected feed-forward network with queries in both directions. It is trained sample by sample or
/// by gradients.
#pragma once

#include <backquery/detail/random.hpp>
#include <backquery/network/detail/arguments.hpp>
#include <backquery/network/detail/backward_query.hpp>
#include <backquery/network/detail/batch.hpp>
#include <backquery/network/detail/online_training.hpp>
#include <backquery/network/detail/passes.hpp>
#include <backquery/network/options.hpp>
#include <backquery/network/parameters.hpp>
#include <backquery/network/training_failed.hpp>
#include <backquery/network/workspace.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery {

/// A network of L fully connected layers. One column is one sample, everywhere. s is the number of samples,
/// layer l has n_l nodes, and n_0 is the number of inputs:
///
///     x   (n_0 x s)      inputs          y_0 = x
///     W_l (n_l x n_l-1)  weights         y_l = f_l(W_l y_l-1 + b_l)
///     b_l (n_l)          biases          o   = y_L
///     t   (n_L x s)      targets
///
/// The defaults are the network of T. Rashid, "Make Your Own Neural Network", 2016: sigmoid, no biases, and
/// errors propagated back in proportion to the weights. Functions that take a layer count the weight matrices
/// from 0: weights(0) is W_1.
///
/// ```cpp
/// backquery::NeuralNetwork<float> network({784, 200, 10}, 0.1f);
/// network.train(X, T);                                     // one step per column
/// const Eigen::VectorXf output = network.query(x);
/// const Eigen::VectorXf portrait = network.backquery(t);  // the inputs that correspond to t
/// ```
///
/// Arguments may be vectors, matrices, blocks, Maps or expressions, column- or row-major, of this Scalar.
///
/// Const members may be called from several threads at once. A network that was moved from may only be
/// assigned to or destroyed.
///
/// @tparam Scalar_  float, double or long double
template <typename Scalar_ = double>
class NeuralNetwork {
  static_assert(std::is_floating_point_v<Scalar_>,
                "backquery::NeuralNetwork<Scalar>: Scalar must be a "
                "floating-point type: float, double or long double");

 public:
  using Scalar = Scalar_;                          ///< the type of all values
  using Index = Eigen::Index;                      ///< the type of sizes and indices
  using Vector = detail::VectorX<Scalar>;          ///< a column vector
  using Matrix = detail::MatrixX<Scalar>;          ///< a column-major matrix
  using Gradients = Parameters<Scalar>;            ///< the layout of the parameters
  using Workspace = backquery::Workspace<Scalar>;  ///< memory for passes

  /// One hidden layer, as in the book.
  ///
  /// @param inputs, hidden, outputs  nodes of each layer, at least 1
  /// @param learning_rate  of train; > 0. Advised for sigmoid networks: 0.01 to 0.3, less for longer training
  /// @throws std::invalid_argument that names the wrong argument (all constructors)
  NeuralNetwork(Index inputs, Index hidden, Index outputs, Scalar learning_rate, NetworkOptions options = {})
      : NeuralNetwork(std::vector<Index>{inputs, hidden, outputs}, learning_rate, options) {}

  /// Any number of layers: {784, 200, 80, 10}. options.initializer and options.seed determine the weights.
  /// Rate is a template parameter, so that {} in ({784, 10}, {}) means NetworkOptions, not a rate of 0.
  template <typename Rate, typename = std::enable_if_t<std::is_convertible_v<Rate, Scalar>>>
  NeuralNetwork(std::vector<Index> layer_sizes, Rate learning_rate, NetworkOptions options = {})
      : NeuralNetwork(detail::initial_parameters<Scalar>(std::move(layer_sizes), options),
                      static_cast<Scalar>(learning_rate), options) {}

  /// Any number of layers, with the learning rate 0.1.
  explicit NeuralNetwork(std::vector<Index> layer_sizes, NetworkOptions options = {})
      : NeuralNetwork(std::move(layer_sizes), Scalar(0.1L), options) {}
  /// Layer sizes as a list in braces, which could otherwise mean the arguments of the first constructor.
  template <std::size_t Count>
  explicit NeuralNetwork(const Index (&layer_sizes)[Count], NetworkOptions options = {})
      : NeuralNetwork(std::vector<Index>(layer_sizes, layer_sizes + Count), options) {}

  /// A network with these weights, and biases of 0. options.initializer and options.seed have no effect.
  /// @param weights  a matrix for each layer, nodes x inputs, first layer first
  NeuralNetwork(std::vector<Matrix> weights, Scalar learning_rate, NetworkOptions options = {})
      : NeuralNetwork(detail::parameters_of<Scalar>(weights, options.biases), learning_rate, options) {}

  /// Creates the network from matrices of another type, such as row-major matrices.
  template <typename W, typename = std::enable_if_t<!std::is_same_v<W, Matrix> &&
                                                    std::is_same_v<typename W::Scalar, Scalar>>>
  NeuralNetwork(const std::vector<W>& weights, Scalar learning_rate, NetworkOptions options = {})
      : NeuralNetwork(std::vector<Matrix>(weights.begin(), weights.end()), learning_rate, options) {}

  /// A network with these weights and biases. options.initializer and options.seed have no effect.
  ///
  /// ```cpp
  /// backquery::Parameters<float> parameters({2, 1}, true);
  /// parameters.weights(0) << 0.5f, -0.25f;
  /// parameters.biases(0) << 0.1f;
  /// backquery::NetworkOptions options;
  /// options.biases = true;
  /// const backquery::NeuralNetwork<float> network(std::move(parameters), 0.1f, options);
  /// ```
  ///
  /// @throws std::invalid_argument if parameters has no layers, or if options.biases differs from
  /// parameters.has_biases()
  NeuralNetwork(Parameters<Scalar> parameters, Scalar learning_rate, NetworkOptions options = {})
      : parameters_(std::move(parameters)), options_(std::move(options)), learning_rate_(learning_rate) {
    detail::check_rate("NeuralNetwork", "learning_rate", learning_rate);
    detail::check_layout("NeuralNetwork", parameters_, options_.biases);
    detail::check_options("NeuralNetwork", options_, layers(), outputs());
    options_.output_activation = detail::activation_of(options_, layers() - 1, layers());
    parameters_.clear_padding();
    sum_rows();
  }

  /// The outputs o for x: a vector for a vector, outputs x samples for inputs x samples.
  /// @throws std::invalid_argument unless x has inputs() rows
  template <typename X>
  [[nodiscard]] detail::ResultFor<X> query(const Eigen::MatrixBase<X>& x) const {
    detail::ResultFor<X> y(outputs(), x.cols());
    Workspace workspace;
    query(x, y, workspace);
    return y;
  }

  /// Writes the outputs for x to y. y must have the size of the result and may be x itself. Allocates
  /// nothing, unless x is a matrix expression, which is evaluated first. Uses 64 KiB of the stack for the
  /// layers and up to 24 KiB for the products of many samples. A network with a layer of more than 8,192
  /// nodes in float (half of the 64 KiB) needs a workspace.
  /// @throws std::invalid_argument for wrong sizes, or if the network is too wide for the stack
  template <typename X, typename Y>
  void query(const Eigen::MatrixBase<X>& x, Y&& y) const {
    detail::check_query<Scalar>(x, y, inputs(), outputs());
    constexpr Index capacity = static_cast<Index>(detail::stack_bytes / sizeof(Scalar));
    const Index widest = detail::widest_layer<Scalar>(layer_sizes());
    if (2 * widest > capacity) {
      detail::throw_invalid_argument(
          "NeuralNetwork::query: a layer has ", *std::max_element(layer_sizes().begin(), layer_sizes().end()),
          " nodes, too many for the stack; pass a workspace: query(x, y, workspace)");
    }
    alignas(detail::line_bytes) Scalar memory[static_cast<std::size_t>(capacity)];
    query_into(x, y, {layer_sizes(), memory, widest, (std::min)(x.cols(), capacity / (2 * widest))});
  }

  /// Writes the outputs for x to y, with the caller's workspace: for layers of any width, and faster for many
  /// samples. Allocates nothing once the workspace has grown, unless x is a matrix expression.
  template <typename X, typename Y>
  void query(const Eigen::MatrixBase<X>& x, Y&& y, Workspace& workspace) const {
    detail::check_query<Scalar>(x, y, inputs(), outputs());
    const Index widest = detail::widest_layer<Scalar>(layer_sizes());
    const Index columns = std::min<Index>(x.cols(), detail::query_columns);
    Scalar* memory = buffers_of(workspace).reserve(2 * widest * columns);
    query_into(x, y, {layer_sizes(), memory, widest, columns});
  }

  /// Takes one training step for each column, in order. options().error_propagation chooses the rule for e:
  ///
  ///     e_L = -d loss / do              squared_error: t - o
  ///     d_l = e_l . f'(z_l)
  ///     e_l-1 = W_l' e_l                split_by_weights
  ///     e_l-1 = W_l' d_l                gradient
  ///     W_l += learning_rate d_l y_l-1'
  ///     b_l += learning_rate d_l
  ///
  /// Every e is computed with the weights before the step. A cross-entropy has no e_L: d_L = -d loss / dz_L
  /// (see Loss).
  ///
  /// For a single sample, nothing is allocated after the first call, unless the sample is a matrix expression
  /// or contains a product.
  ///
  /// A training diverges if the learning rate is too large or the inputs are not scaled. Then train throws
  /// TrainingFailed:
  ///
  /// - With fewer than 32 columns, it stops before the first step with a d_l that is NaN or infinite. Steps
  ///   before this one are applied, so a call with one column changes nothing.
  /// - With 32 or more columns, it checks all weights after the last step. The network then has weights that
  ///   are NaN, infinite or beyond the range of float. In a network of double, such large weights may stay
  ///   finite, because they make relu nodes constant.
  ///
  /// @throws std::invalid_argument, before anything is changed, for wrong sizes, for NaN or infinity in x, t
  /// or the weights, and for targets that the loss does not allow (see Loss)
  /// @throws TrainingFailed if the training diverges
  template <typename X, typename T>
  void train(const Eigen::MatrixBase<X>& x, const Eigen::MatrixBase<T>& t) {
    static constexpr const char* where = "NeuralNetwork::train";
    using Training = detail::OnlineTraining<Scalar>;
    buffers_.shape(layer_sizes(), Training::columns(x.cols()), true, x.cols() >= Training::least_to_scan);
    const auto inputs = detail::evaluated_into<Scalar>(where, "x", x, buffers_.inputs(0, 1));
    const auto targets = detail::evaluated_into<Scalar>(where, "t", t, buffers_.deltas(layers() - 1, 0, 1));
    ThreadPool caller;
    detail::with_samples(
        where, layers_of(*this), inputs, targets, caller, [this](const View& xs, const View& ts) {
          if (!weights_checked_ && !has_weights_up_to((std::numeric_limits<Scalar>::max)())) {
            detail::throw_not_finite(where);
          }
          weights_checked_ = false;
          const bool finite =
              Training{parameters_, options_, row_sums_, buffers_, learning_rate_, xs, ts}.run() &&
              (xs.cols() < Training::least_to_scan || has_weights_up_to((std::numeric_limits<float>::max)()));
          if (!finite) {
            // 0 times infinity may have left NaN in the padding of buffers and parameters.
            buffers_ = {};
            parameters_.clear_padding();
            detail::throw_training_failed(where,
                                          "a weight would become NaN, infinite or beyond the range of float",
                                          detail::message(learning_rate_));
          }
          weights_checked_ = true;
        });
  }

  /// The inputs that correspond to the outputs t, computed layer by layer with the transposed weights:
  ///
  ///     z_l = f_l^-1(y_l)      y_(l-1) = rescaled(W_l' (z_l - b_l))
  ///
  /// Each column is rescaled linearly: the inputs to 0.01 .. 0.99, a hidden layer to a range within the
  /// outputs of its activation (see Activation). A column of equal values becomes the middle of the range.
  /// The result is a portrait of the label, not an exact inverse, because the transpose replaces the inverse.
  /// @throws std::invalid_argument for wrong sizes, targets outside the output's open range ((0, 1) for
  /// sigmoid and softmax), or relu, which has no inverse
  template <typename T>
  [[nodiscard]] detail::ResultFor<T> backquery(const Eigen::MatrixBase<T>& t) const {
    detail::check_scalar<Scalar, T>();
    detail::check_rows("NeuralNetwork::backquery", "t", t, outputs());
    return detail::with_view(t, [this](const View& ts) {
      detail::check_backward_targets<Scalar>("NeuralNetwork::backquery", layers_of(*this), ts);
      return detail::backward_query<Scalar>(layers_of(*this), ts);
    });
  }

  /// Number of inputs.
  [[nodiscard]] Index inputs() const { return layer_sizes().front(); }
  /// Number of outputs.
  [[nodiscard]] Index outputs() const { return layer_sizes().back(); }
  /// Nodes of each layer, inputs first.
  [[nodiscard]] const std::vector<Index>& layer_sizes() const noexcept { return parameters_.layer_sizes(); }
  /// Number of weight matrices.
  [[nodiscard]] Index layers() const noexcept { return parameters_.layers(); }
  /// The options that the constructor took. output_activation is the activation of the last layer.
  [[nodiscard]] const NetworkOptions& options() const noexcept { return options_; }
  /// The activation of the nodes of a layer.
  /// @throws std::invalid_argument if there is no such layer (also for the other functions with a layer)
  [[nodiscard]] Activation activation(Index layer) const {
    detail::check_layer(layer, layers());
    return layers_of(*this).activation(layer);
  }

  /// The learning rate of train.
  [[nodiscard]] Scalar learning_rate() const noexcept { return learning_rate_; }
  /// Changes the learning rate of train.
  /// @throws std::invalid_argument unless the value is finite and > 0
  void set_learning_rate(Scalar value) {
    detail::check_rate("NeuralNetwork::set_learning_rate", "value", value);
    learning_rate_ = value;
  }

  /// A read-only view of the weights, nodes x inputs, valid until the network is assigned, moved or
  /// destroyed.
  [[nodiscard]] typename Gradients::ConstWeightsMap weights(Index layer) const {
    return parameters_.weights(layer);
  }
  /// A read-only view of the biases, valid as long as weights(); size 0 without options().biases.
  [[nodiscard]] typename Gradients::ConstBiasesMap biases(Index layer) const {
    return parameters_.biases(layer);
  }

  /// Sets the weights of a layer. They may be NaN or infinite; train rejects such weights.
  /// @throws std::invalid_argument unless W is nodes x inputs
  template <typename W>
  void set_weights(Index layer, const Eigen::MatrixBase<W>& w) {
    detail::check_scalar<Scalar, W>();
    auto own = parameters_.weights(layer);
    detail::check_shape("NeuralNetwork::set_weights", "W", w, own.rows(), own.cols());
    weights_checked_ = false;
    own = Matrix(w);  // a copy first, because W may be an expression of these weights
    if (layer == 0) {
      sum_rows();
    }
  }

  /// Sets the biases of a layer.
  /// @throws std::invalid_argument if the network has no biases, and unless b has one row for each node
  template <typename B>
  void set_biases(Index layer, const Eigen::MatrixBase<B>& b) {
    detail::check_scalar<Scalar, B>();
    auto own = parameters_.biases(layer);
    if (!options_.biases) {
      detail::throw_invalid_argument(
          "NeuralNetwork::set_biases: the network has no biases; construct it with options.biases = true");
    }
    detail::check_shape("NeuralNetwork::set_biases", "b", b, own.rows(), 1);
    weights_checked_ = false;
    own = Vector(b);
  }

  /// Mean of the loss over the columns.
  /// @throws std::invalid_argument for wrong sizes, no columns, NaN or infinity, or targets that the loss
  /// does not allow
  template <typename X, typename T>
  [[nodiscard]] Scalar loss(const Eigen::MatrixBase<X>& x, const Eigen::MatrixBase<T>& t) const {
    static constexpr const char* where = "NeuralNetwork::loss";
    detail::PassBuffers<Scalar> buffers;
    ThreadPool caller;
    return detail::with_samples(where, layers_of(*this), x, t, caller, [&](const View& xs, const View& ts) {
      detail::check_columns(where, xs.cols());
      return detail::mean_loss<Scalar>({layers_of(*this), xs, ts, buffers, caller},
                                       detail::plain_stage<Scalar>);
    });
  }

  /// The gradient of loss(x, t) with respect to the inputs, inputs x samples, whatever
  /// options().error_propagation is. Inputs with large derivatives have a large effect. A step of x against
  /// the gradient makes the outputs more like t. The loss is a mean over s columns, so the gradient of the
  /// loss of one sample is s times its column.
  ///
  /// ```cpp
  /// x -= 0.1f * net.input_gradients(x, t);  // one step on the inputs towards the outputs t
  /// ```
  ///
  /// @throws std::invalid_argument as loss
  template <typename X, typename T>
  [[nodiscard]] detail::ResultFor<X> input_gradients(const Eigen::MatrixBase<X>& x,
                                                     const Eigen::MatrixBase<T>& t) const {
    static constexpr const char* where = "NeuralNetwork::input_gradients";
    detail::PassBuffers<Scalar> buffers;
    ThreadPool caller;
    return detail::with_samples(where, layers_of(*this), x, t, caller, [&](const View& xs, const View& ts) {
      detail::check_columns(where, xs.cols());
      detail::ResultFor<X> result(xs.rows(), xs.cols());
      detail::input_gradients<Scalar>({layers_of(*this), xs, ts, buffers, caller}, result);
      return result;
    });
  }

  /// Computes the mean gradient over the columns: for ErrorPropagation::gradient the gradient of the loss,
  /// for split_by_weights the negative step of the book's rule at rate 1. With one column, step(gradients,
  /// learning_rate()) equals train. The bits do not depend on the number of threads.
  ///
  /// @param gradients  receives the result; its layout becomes the network's
  /// @param workspace  memory, kept from call to call; nothing is allocated once it has grown
  /// @param pool       shares the work; without it the calling thread does all
  /// @return the mean loss
  /// @throws std::invalid_argument as train, and for no columns
  template <typename X, typename T>
  Scalar gradients(const Eigen::MatrixBase<X>& x, const Eigen::MatrixBase<T>& t, Gradients& gradients,
                   Workspace& workspace, ThreadPool& pool) const {
    static constexpr const char* where = "NeuralNetwork::gradients";
    return detail::with_samples(where, layers_of(*this), x, t, pool, [&](const View& xs, const View& ts) {
      detail::check_columns(where, xs.cols());
      if (!gradients.same_layout(parameters_)) {
        gradients = Gradients(layer_sizes(), options_.biases);
      }
      return detail::mean_loss_and_gradients<Scalar>({layers_of(*this), xs, ts, buffers_of(workspace), pool},
                                                     gradients, detail::plain_stage<Scalar>,
                                                     [](Index, Index) {});
    });
  }
  /// Computes the mean gradient in the calling thread alone.
  template <typename X, typename T>
  Scalar gradients(const Eigen::MatrixBase<X>& x, const Eigen::MatrixBase<T>& t, Gradients& gradients,
                   Workspace& workspace) const {
    ThreadPool caller;
    return this->gradients(x, t, gradients, workspace, caller);
  }

  /// A read-only view of every weight and bias in one buffer, in the layout of Parameters. It is valid as
  /// long as weights().
  [[nodiscard]] Eigen::Map<const Vector> parameters() const { return parameters_.values(); }

  /// Calls update(view) with a writable view of parameters(). The view is valid during the call only.
  template <typename Update>
  void update_parameters(const Update& update) {
    struct SumRows {
      NeuralNetwork& network;
      ~SumRows() { network.sum_rows(); }
    } at_end{*this};  // also if update throws, because some parameters may have changed by then
    weights_checked_ = false;
    update(parameters_.values());
  }

  /// parameters -= rate gradients
  /// @throws std::invalid_argument unless the layouts agree and the rate is finite and > 0
  void step(const Gradients& gradients, Scalar rate) {
    detail::check_rate("NeuralNetwork::step", "rate", rate);
    if (!gradients.same_layout(parameters_)) {
      detail::throw_invalid_argument(
          "NeuralNetwork::step: the gradients are of a network with other layers or biases");
    }
    update_parameters([&](Eigen::Map<Vector> values) { values.noalias() -= rate * gradients.values(); });
  }

  // Internal: the argument of passes, also for training/.
  friend detail::Layers<Scalar> layers_of(const NeuralNetwork& network) {
    return {network.parameters_, network.options_, network.row_sums_.get()};
  }

 private:
  using View = detail::Strided<const Scalar>;

  /// Whether all weights and biases are finite and at most `largest` in magnitude. Larger weights of the
  /// first layer are missed if they cancel in the sum of their row.
  [[nodiscard]] bool has_weights_up_to(Scalar largest) const {
    const auto values = parameters_.values();
    const auto first = parameters_.weights(0);
    const Index proven = row_sums_.prove_finite(largest) ? first.outerStride() * first.cols() : 0;
    const Scalar* const begin = values.data() + proven;
    const Index count = values.size() - proven;
    if (largest == (std::numeric_limits<Scalar>::max)()) {
      return detail::all_finite(begin, count);  // faster
    }
    return detail::all_allowed(begin, count, [largest](Scalar value) {
      return detail::is_finite(value) && std::abs(value) <= largest;
    });
  }

  void sum_rows() { row_sums_.sum(std::as_const(parameters_).weights(0)); }

  template <typename X, typename Y>
  void query_into(const Eigen::MatrixBase<X>& x, Y& y,
                  const detail::AlternatingColumns<Scalar>& memory) const {
    detail::Strided<Scalar> outputs(y.data(), y.rows(), y.cols(), {y.colStride(), y.rowStride()});
    const auto evaluated = detail::evaluated_into<Scalar>("NeuralNetwork::query", "x", x, memory.inputs());
    detail::with_view(
        evaluated, [&](const View& xs) { detail::forward<Scalar>(layers_of(*this), xs, outputs, memory); });
  }

  Parameters<Scalar> parameters_;
  NetworkOptions options_;
  Scalar learning_rate_;
  // The weights were found finite after they were set, and no later step had an infinite or NaN delta.
  bool weights_checked_ = false;
  detail::FirstLayerRowSums<Scalar> row_sums_;  // up to date when no member function runs
  detail::PassBuffers<Scalar> buffers_;         // for train
};

}  // namespace backquery
