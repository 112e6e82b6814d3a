"""Draws text, such as a report of `prune`, as a picture of a terminal:

    tools/prune models/digits-lenet5.onnx --sparsity 0.8 --storage auto --test models/digits.npz#test | python tools/make_report_picture.py docs/report.png
"""
import sys
from PIL import Image, ImageDraw, ImageFont

SIZE, MARGIN, LEADING = 15, 18, 20
font = ImageFont.truetype("DejaVuSansMono.ttf", SIZE)
bold = ImageFont.truetype("DejaVuSansMono-Bold.ttf", SIZE)
lines = sys.stdin.read().rstrip().split("\n")
width = int(max(font.getlength(line) for line in lines)) + 2 * MARGIN
picture = Image.new("RGB", (width, len(lines) * LEADING + 2 * MARGIN), "#fbfaf7")
draw = ImageDraw.Draw(picture)
for row, line in enumerate(lines):
    heading = row == 0 or line.startswith(("Tensor ", " " * 20 + " ")) and "Before" in line or line.startswith(("Tensor ", "Weight "))
    draw.text((MARGIN, MARGIN + row * LEADING), line, font=bold if heading else font, fill="#20332b" if heading else "#2b2b2b")
picture.quantize(16).save(sys.argv[1], optimize=True)
