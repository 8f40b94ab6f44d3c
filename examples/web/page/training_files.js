// Assigns chosen or dropped files to training and test.

const isTest = (name) => /test|t10k|tes\b|valid/i.test(name) && !/train/i.test(name);

/**
 * Files with names such as mnist_test.csv or t10k-images-idx3-ubyte are for the test. Of two CSV
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
