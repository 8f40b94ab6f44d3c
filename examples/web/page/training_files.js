// Which of the files that were chosen or dropped are for training, and which for the test.

const isTest = (name) => /test|t10k|tes\b|valid/i.test(name) && !/train/i.test(name);

/**
 * The names decide: files named like mnist_test.csv or t10k-images-idx3-ubyte are for the test. Of two CSV
 * files without such a name, the larger one is for training.
 * @param files  [{name, bytes}]
 * @return {training, test}; test may be empty
 */
export function assignFiles(files) {
  const test = files.filter(({name}) => isTest(name));
  const training = files.filter(({name}) => !isTest(name));
  if (training.length === 0) return {training: test, test: []};
  const isCsv = ({name}) => /\.(csv|txt)(\.gz)?$/i.test(name);
  if (test.length === 0 && files.length === 2 && files.every(isCsv)) {
    const [larger, smaller] = [...files].sort((a, b) => b.bytes.length - a.bytes.length);
    return {training: [larger], test: [smaller]};
  }
  return {training, test};
}
