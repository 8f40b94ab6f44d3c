// Every text of the page, in English and in Chinese. Both languages have the same keys, sorted by view.
// {name} is replaced by a value. Messages of the library stay in English.

const en = {
  'page.title': 'backquery: a network that recognizes, learns and dreams digits',
  'page.lead': 'A small neural network that reads your handwriting, learns in front of you, and shows what a digit looks like to it.',
  'page.language': 'Language',
  'page.views': 'Views',
  'page.dismiss': 'Close',
  'page.drop': 'Drop a model, a picture of a digit, or training data',
  'page.missing': 'The page could not fetch {name} (status {status}).',
  'page.readme': 'How it works',
  'page.license': 'License',

  'engine.loading': 'Loading the network …',
  'engine.none': 'No network',
  'engine.failed': 'The network could not be started: {reason}. The page needs a browser of 2022 or newer, with WebAssembly SIMD and exceptions.',

  'model.group': 'Network',
  'model.load': 'Load a model',
  'model.save': 'Save the model',
  'model.sizes': '{sizes}',
  'model.loaded': '{name} is in use: a network of {sizes} nodes.',
  'model.unreadable': '{name} was not loaded, the network is unchanged. {reason}',
  'model.wrongSizes': '{name} was not loaded, the network is unchanged. It has {sizes} nodes; this page needs 784 inputs (28 x 28 pixels) and 10 outputs (the digits).',

  'speed.measure': 'Measure the speed',
  'speed.hint': 'of this device',
  'speed.result': 'One query: {mnist} µs for a digit, {dense} µs for an image without background. Training: {steps} steps per second.',

  'bars.label': 'Outputs of the network, one for each digit',

  'draw.tab': 'Draw',
  'dream.tab': 'Dream',
  'learn.tab': 'Learn',
  'inside.tab': 'Look inside',
};

const zh = {
  'page.title': 'backquery:认数字、学数字、想象数字的神经网络',
  'page.lead': '一个小小的神经网络:认得出你的手写数字,当着你的面学习,还能画出它心目中的数字。',
  'page.language': '语言',
  'page.views': '视图',
  'page.dismiss': '关闭',
  'page.drop': '把模型、数字图片或训练数据拖放到这里',
  'page.missing': '无法读取 {name}(状态码 {status})。',
  'page.readme': '工作原理',
  'page.license': '许可证',

  'engine.loading': '正在载入神经网络……',
  'engine.none': '没有神经网络',
  'engine.failed': '神经网络无法启动:{reason}。本页需要 2022 年以后的浏览器,并支持 WebAssembly 的 SIMD 和异常处理。',

  'model.group': '神经网络',
  'model.load': '载入模型',
  'model.save': '保存模型',
  'model.sizes': '{sizes}',
  'model.loaded': '已换用 {name}:各层节点数为 {sizes}。',
  'model.unreadable': '{name} 没有载入,仍使用原来的网络。{reason}',
  'model.wrongSizes': '{name} 没有载入,仍使用原来的网络。它的各层节点数为 {sizes},而本页需要 784 个输入(28 x 28 像素)和 10 个输出(十个数字)。',

  'speed.measure': '测速',
  'speed.hint': '测一测这台设备',
  'speed.result': '查询一次:手写数字 {mnist} 微秒,没有空白背景的图像 {dense} 微秒。训练:每秒 {steps} 步。',

  'bars.label': '神经网络的十个输出,每个数字一个',

  'draw.tab': '手写',
  'dream.tab': '想象',
  'learn.tab': '训练',
  'inside.tab': '内部',
};

export const strings = {en, zh};
