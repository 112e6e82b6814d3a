import groovy.json.JsonSlurper
import java.util.zip.ZipFile

def report = new JsonSlurper().parse(new File(basedir, 'target/pruning.json'))
assert report.schemaVersion == 1
assert Math.abs(report.sparsity.achieved - 0.79) < 0.01
assert report.tensors.find { it.name.startsWith('fc2') }.sparsity == 0.25
assert report.accuracy[0].samples == 1000
assert new File(basedir, 'target/pruning.md').text.startsWith('# Pruning report')

new ZipFile(new File(basedir, 'target/jar-carries-pruned-model-1.jar')).withCloseable { jar ->
  def model = jar.getEntry('digits-lenet5.onnx')
  assert model.size == report.output.bytes
  def bytes = jar.getInputStream(model).bytes
  assert report.output.sha256 == java.security.MessageDigest.getInstance('SHA-256').digest(bytes).encodeHex().toString()
  assert new String(bytes, 'ISO-8859-1').contains('espalier.')
}

def log = new File(basedir, 'build.log').text
assert log.contains('Sparsity')
