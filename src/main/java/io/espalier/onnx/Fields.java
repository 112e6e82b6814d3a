package io.espalier.onnx;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;

/** Parts of a message, so that something large can be written between them. */
final class Fields {
  private Fields() {}

  /**
   * Two builders from {@code message}: the fields before {@code number} and those after it, with
   * the unknown ones. Written one after the other, with the field between them, they are the
   * message as protobuf writes it.
   */
  static Message.Builder[] split(Message message, int number) {
    Message.Builder before =
        message.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance());
    Message.Builder after = message.toBuilder();
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      if (field.getNumber() >= number) {
        before.clearField(field);
      }
      if (field.getNumber() <= number) {
        after.clearField(field);
      }
    }
    return new Message.Builder[] {before, after};
  }
}
