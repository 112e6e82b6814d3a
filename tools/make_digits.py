"""Draws models/digits.npz: 28x28 grey images of the digits 0-9, in the keys and types of Keras' mnist.npz.

    python tools/make_digits.py            (needs tools/requirements.txt and the Debian packages named in FONTS)

Each image is one digit of one typeface, made thicker or thinner, rotated, sheared, scaled, shifted, bent a little,
blurred, faded and speckled. Grey levels are multiples of 17 on a clean background, which keeps the file small.
Also writes models/digits.png, a picture of some. The same seed, fonts and library versions give the same bytes.
"""
import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

SIDE = 28           # of an image, in pixels
INK = 20            # the longer side of an upright digit, in pixels
OVERSAMPLING = 4    # glyphs are drawn and thickened this much larger
CANVAS = SIDE * OVERSAMPLING
GREY_STEP = 17      # 16 grey levels: 0, 17, ... 255

# Debian package -> the faces taken from it. A package is drawn first, then a face, so that handwriting is not
# drowned by the large families.
FONTS = {
    "fonts-breip": ["Breip.ttf"],
    "fonts-bwht": ["BecauseWeBuild-Regular.otf", "BecauseWeConnect-Regular.otf", "BecauseWeCreate-Regular.otf",
                   "BecauseWeMentor-Regular.otf", "BecauseWeOrganize-Regular.otf"],
    "fonts-cantarell": ["Cantarell-Light.otf", "Cantarell-Regular.otf", "Cantarell-Bold.otf"],
    "fonts-comic-neue": ["ComicNeue-Light.otf", "ComicNeue-Regular.otf", "ComicNeue-BoldItalic.otf"],
    "fonts-courier-prime": ["Courier Prime.otf", "Courier Prime Italic.otf", "Courier Prime Code.otf"],
    "fonts-crosextra-caladea": ["Caladea-Regular.ttf", "Caladea-BoldItalic.ttf"],
    "fonts-crosextra-carlito": ["Carlito-Regular.ttf", "Carlito-Italic.ttf", "Carlito-Bold.ttf"],
    "fonts-dancingscript": ["DancingScript-Regular.otf", "DancingScript-Bold.otf"],
    "fonts-dejavu-core": ["DejaVuSans.ttf", "DejaVuSansMono.ttf", "DejaVuSerif-Bold.ttf"],
    "fonts-dejavu-extra": ["DejaVuSans-ExtraLight.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSansCondensed-Oblique.ttf"],
    "fonts-firacode": ["FiraCode-Light.ttf", "FiraCode-Medium.ttf"],
    "fonts-hack": ["Hack-Regular.ttf", "Hack-Italic.ttf"],
    "fonts-humor-sans": ["Humor-Sans.ttf"],
    "fonts-kiloji": ["kiloji.ttf", "kiloji_b.ttf"],
    "fonts-klee": ["KleeOne-Regular.ttf", "KleeOne-SemiBold.ttf"],
    "fonts-lato": ["Lato-Light.ttf", "Lato-Regular.ttf", "Lato-Italic.ttf", "Lato-Black.ttf"],
    "fonts-leckerli-one": ["LeckerliOne-Regular.ttf"],
    "fonts-linuxlibertine": ["LinLibertine_R.otf", "LinLibertine_RI.otf", "LinLibertine_RB.otf", "LinBiolinum_R.otf"],
    "fonts-open-sans": ["OpenSans-Light.ttf", "OpenSans-Regular.ttf", "OpenSans-SemiboldItalic.ttf",
                        "OpenSans-CondLight.ttf"],
    "fonts-quattrocento": ["Quattrocento-Regular.otf"],
    "fonts-roboto-slab": ["RobotoSlab-Light.otf", "RobotoSlab-Regular.otf", "RobotoSlab-Bold.otf"],
    "fonts-roboto-unhinted": ["Roboto-Light.ttf", "Roboto-Regular.ttf", "Roboto-BoldItalic.ttf",
                              "RobotoCondensed-Regular.ttf"],
    "fonts-seto": ["setofont.ttf"],
    "fonts-sil-andika": ["Andika-Regular.ttf", "Andika-Italic.ttf"],
    "fonts-sil-gentium": ["Gentium-R.ttf", "Gentium-I.ttf"],
    "fonts-yusei-magic": ["YuseiMagic-Regular.ttf"],
}


def find_fonts(folder):
    """The files of FONTS under a folder: one list of paths per package."""
    present = {path.name: path for path in sorted(folder.rglob("*.[ot]tf"))}
    missing = sorted(package for package, faces in FONTS.items() if any(face not in present for face in faces))
    if missing:
        raise SystemExit("fonts are missing; on Debian: apt-get install " + " ".join(missing))
    return [[present[face] for face in faces] for _, faces in sorted(FONTS.items())]


def draw_glyph(path, digit):
    """The digit, white on black, in the middle of CANVAS x CANVAS pixels; its longer side is INK oversampled ones."""
    text, size = str(digit), INK * OVERSAMPLING
    for _ in range(2):  # the second round corrects the size by the ink that the first one measured
        font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
        left, top, right, bottom = font.getbbox(text)
        longer = max(right - left, bottom - top)
        size = round(size * INK * OVERSAMPLING / longer)
    image = Image.new("L", (CANVAS, CANVAS))
    ImageDraw.Draw(image).text(((CANVAS - left - right) / 2, (CANVAS - top - bottom) / 2), text, font=font, fill=255)
    return np.asarray(image, np.float32) / 255


def thicken(ink, pixels):
    """Makes strokes thicker (or, below zero, thinner) by about that many oversampled pixels."""
    size = abs(pixels) + 1
    return ndimage.grey_dilation(ink, (size, size)) if pixels > 0 else ndimage.grey_erosion(ink, (size, size))


def thicken_safely(ink, pixels):
    """Thickens; leaves thin strokes as they are where thinning would erase a quarter of the ink or more."""
    changed = thicken(ink, pixels)
    return changed if changed.sum() > 0.75 * ink.sum() else ink


def inverse_affine(rng):
    """A random 2x2 map from an output pixel to an oversampled one: rotation, shear and a scale per axis."""
    angle = np.radians(np.clip(rng.normal(0, 7), -20, 20))
    shear = rng.uniform(-0.2, 0.2)
    scale_y, scale_x = rng.uniform(0.9, 1.1) * rng.uniform(0.92, 1.08, 2)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    forward = rotation @ np.array([[1, 0], [shear, 1]]) @ np.diag([scale_y, scale_x])
    return np.linalg.inv(forward) * OVERSAMPLING


def bend(rng):
    """A smooth random displacement of each pixel, in pixels, as from an unsteady hand."""
    noise = ndimage.gaussian_filter(rng.standard_normal((2, SIDE, SIDE)), (0, 5, 5))
    return noise / noise.std() * rng.uniform(0, 0.9)


def place(rng, ink):
    """Samples the oversampled ink at SIDE x SIDE pixels through the random map."""
    grid = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")).astype(float)
    centred = grid - (SIDE - 1) / 2 - rng.uniform(-1.2, 1.2, (2, 1, 1)) + bend(rng)
    source = np.einsum("ij,jyx->iyx", inverse_affine(rng), centred) + (CANVAS - 1) / 2
    return ndimage.map_coordinates(ndimage.gaussian_filter(ink, OVERSAMPLING / 3), source, order=1)


def wear(rng, image):
    """Blur, contrast, uneven ink and, in a third of the images, a few specks of dirt."""
    image = ndimage.gaussian_filter(image, rng.uniform(0, 0.8))
    image = image / image.max() * rng.uniform(0.5, 1)
    image = image * (1 + rng.uniform(0, 0.25) * rng.standard_normal(image.shape))
    if rng.random() < 1 / 3:
        specks = rng.integers(0, SIDE, (rng.integers(3, 16), 2))
        image[specks[:, 0], specks[:, 1]] = rng.uniform(0.2, 0.8, len(specks))
    return image


def make_image(rng, digit, fonts):
    faces = fonts[rng.integers(len(fonts))]
    ink = thicken_safely(draw_glyph(faces[rng.integers(len(faces))], digit), int(rng.integers(-2, 6)))
    grey = wear(rng, place(rng, ink)) * 255
    return (np.clip(np.round(grey / GREY_STEP), 0, 15) * GREY_STEP).astype(np.uint8)


def make_split(rng, count, fonts):
    """Images and labels of a split, each digit equally often, in random order."""
    labels = rng.permutation(np.arange(count) % 10).astype(np.uint8)
    return np.stack([make_image(rng, digit, fonts) for digit in labels]), labels


def save_contact_sheet(images, path, columns):
    """A PNG of the images side by side, black on white."""
    rows = len(images) // columns
    tiles = images[:rows * columns].reshape(rows, columns, SIDE, SIDE).swapaxes(1, 2)
    Image.fromarray(255 - tiles.reshape(rows * SIDE, columns * SIDE)).save(path)


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="Draws models/digits.npz.")
    parser.add_argument("--out", type=Path, default=root / "models" / "digits.npz")
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"), help="folder searched for the fonts")
    parser.add_argument("--train", type=int, default=6000)
    parser.add_argument("--test", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=28)
    args = parser.parse_args()

    fonts = find_fonts(args.fonts)
    x_train, y_train = make_split(np.random.default_rng([args.seed, 0]), args.train, fonts)
    x_test, y_test = make_split(np.random.default_rng([args.seed, 1]), args.test, fonts)
    np.savez_compressed(args.out, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    save_contact_sheet(x_test[:150], args.out.with_suffix(".png"), columns=30)
    print(f"{args.out.name}: {args.train} train, {args.test} test, {args.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
