def missed = 'gate missed: max-bytes: asked at most 1,024 bytes'
def failures = new File(basedir, 'build.log').readLines().findAll {
  it.startsWith('[ERROR] Failed to execute goal io.espalier:espalier')
}
assert failures.size() == 2
assert failures.every { it.contains(missed) }
assert new File(basedir, 'target/classes/digits-lenet5.onnx').isFile()
assert !new File(basedir, 'target/missed-gate-fails-every-build-1.jar').exists()
