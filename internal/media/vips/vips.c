#define _GNU_SOURCE // memmem
#include "vips.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vips/vips.h>

int
vt_init(void)
{
	if (VIPS_INIT("vitrine"))
		return -1;
	vips_block_untrusted_set(TRUE);
	// Each file is seen once.
	vips_cache_set_max(0);
	vips_cache_set_max_mem(0);
	vips_cache_set_max_files(0);
	vips_concurrency_set(1);
	return 0;
}

void
vt_free(void *data)
{
	g_free(data);
}

void
vt_take_error(char *text, size_t size)
{
	g_strlcpy(text, vips_error_buffer(), size);
	vips_error_clear();
}

// Replaces *image by what an operation made of it.
static int
become(VipsImage **image, VipsImage **next, int failed)
{
	if (failed)
		return -1;
	g_object_unref(*image);
	*image = *next;
	*next = NULL;
	return 0;
}

// SVG is the one loader that libvips mistrusts and we use: no file may be an SVG by a loader's guess,
// so it is unblocked only where we ask for it by name.
static VipsImage *
load_svg(VipsSource *source, double scale)
{
	VipsImage *image = NULL;

	vips_operation_block_set("VipsForeignLoadSvgSource", FALSE);
	int failed = vips_call("svgload_source", source, &image, "scale", scale, NULL);
	vips_operation_block_set("VipsForeignLoadSvgSource", TRUE);
	return failed ? NULL : image;
}

static VipsImage *
load(int fd, const char *loader, int shrink, double scale)
{
	char operation[32];
	VipsSource *source;
	VipsImage *image = NULL;
	int failed;

	if (lseek(fd, 0, SEEK_SET) != 0 || !(source = vips_source_new_from_descriptor(fd))) {
		vips_error("vitrine", "cannot read the input");
		return NULL;
	}
	g_snprintf(operation, sizeof operation, "%sload_source", loader);
	if (strcmp(loader, "svg") == 0)
		failed = (image = load_svg(source, scale)) == NULL;
	else if (shrink > 1)
		failed = vips_call(operation, source, &image, "access", VIPS_ACCESS_SEQUENTIAL,
			"fail_on", VIPS_FAIL_ON_TRUNCATED, "shrink", shrink, NULL);
	else
		failed = vips_call(operation, source, &image, "access", VIPS_ACCESS_SEQUENTIAL,
			"fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
	g_object_unref(source);
	return failed ? NULL : image;
}

static VipsImage *
from(const vt_source *source)
{
	if (!source->pixels)
		return load(source->fd, source->loader, source->shrink, source->scale);
	VipsImage *raw = vips_image_new_from_memory(source->pixels,
		(size_t) source->width * source->height * source->bands,
		source->width, source->height, source->bands, VIPS_FORMAT_UCHAR);
	VipsInterpretation space = source->cmyk ? VIPS_INTERPRETATION_CMYK
		: source->bands < 3					? VIPS_INTERPRETATION_B_W
											: VIPS_INTERPRETATION_sRGB;
	VipsImage *image = NULL;
	int failed = !raw || vips_copy(raw, &image, "interpretation", space, NULL);
	g_clear_object(&raw);
	if (failed)
		return NULL;
	if (source->profile)
		vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, source->profile, source->profile_size);
	return image;
}

int
vt_read_header(int fd, const char *loader, vt_header *header)
{
	VipsImage *image = load(fd, loader, 1, 1);

	if (!image)
		return -1;
	header->width = image->Xsize;
	header->height = image->Ysize;
	// vips_image_get_n_pages takes more than 10000 for nonsense and says 1.
	header->pages = 1;
	if (vips_image_get_typeof(image, VIPS_META_N_PAGES))
		vips_image_get_int(image, VIPS_META_N_PAGES, &header->pages);
	header->orientation = vips_image_get_orientation(image);
	header->alpha = vips_image_hasalpha(image);
	g_object_unref(image);
	return 0;
}

// Says whether a profile is one of the common sRGB ones: converting from it to sRGB would cost much and
// change nothing.
static gboolean
is_srgb(const void *profile, size_t size)
{
	static const char *const names[] = { "sRGB IEC61966-2.1", "sRGB built-in" };
	size_t i, k;

	if (size < 128 || memcmp((const char *) profile + 16, "RGB ", 4) != 0)
		return FALSE;
	size = VIPS_MIN(size, 4096);
	for (i = 0; i < VIPS_NUMBER(names); i++) {
		size_t n = strlen(names[i]);
		char wide[64];

		for (k = 0; k < n; k++) {
			wide[2 * k] = 0;
			wide[2 * k + 1] = names[i][k];
		}
		if (memmem(profile, size, names[i], n) || memmem(profile, size, wide, 2 * n))
			return TRUE;
	}
	return FALSE;
}

// Puts a picture on white, if it has alpha.
static int
flatten(VipsImage **image)
{
	VipsImage *next = NULL;
	double full = (*image)->BandFmt == VIPS_FORMAT_USHORT ? 65535 : 255;
	double white[3] = { full, full, full };

	if (!vips_image_hasalpha(*image))
		return 0;
	VipsArrayDouble *background = vips_array_double_new(white, (*image)->Bands < 3 ? 1 : 3);
	int failed = vips_flatten(*image, &next, "background", background, "max_alpha", full, NULL);
	vips_area_unref(VIPS_AREA(background));
	return become(image, &next, failed);
}

// Makes any loaded picture one that can be resized as it is: 8 or 16 bit, no alpha unless it is wanted.
static int
prepare(VipsImage **image, gboolean alpha)
{
	VipsImage *next = NULL;
	VipsInterpretation space = vips_image_guess_interpretation(*image);
	gboolean wide = (*image)->BandFmt == VIPS_FORMAT_USHORT;

	if ((*image)->Coding != VIPS_CODING_NONE ||
		((*image)->BandFmt != VIPS_FORMAT_UCHAR && !wide) ||
		(space != VIPS_INTERPRETATION_sRGB && space != VIPS_INTERPRETATION_RGB16 &&
			space != VIPS_INTERPRETATION_B_W && space != VIPS_INTERPRETATION_GREY16 &&
			space != VIPS_INTERPRETATION_CMYK)) {
		if (become(image, &next, vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL)))
			return -1;
		// The embedded profile was of the space just left.
		if (vips_image_get_typeof(*image, VIPS_META_ICC_NAME)) {
			if (become(image, &next, vips_copy(*image, &next, NULL)))
				return -1;
			vips_image_remove(*image, VIPS_META_ICC_NAME);
		}
		wide = FALSE;
		space = VIPS_INTERPRETATION_sRGB;
	}
	if (!vips_image_hasalpha(*image))
		return 0;
	if (space == VIPS_INTERPRETATION_CMYK)
		return become(image, &next, vips_extract_band(*image, &next, 0, "n", 4, NULL));

	// Of what is beyond the colours only the first band can be their alpha.
	int most = space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16 ? 2 : 4;
	if ((*image)->Bands > most &&
		become(image, &next, vips_extract_band(*image, &next, 0, "n", most, NULL)))
		return -1;
	return alpha ? 0 : flatten(image);
}

static int
resize(VipsImage **image, int width, int height)
{
	VipsImage *in = *image;
	VipsImage *next = NULL;
	VipsBandFormat format = in->BandFmt;
	gboolean alpha = vips_image_hasalpha(in);

	if (in->Xsize == width && in->Ysize == height)
		return 0;
	// The colour of what can't be seen must not bleed into what can. Eight bits of it are enough, and
	// several times faster to resize than floating-point numbers.
	if (alpha &&
		(become(image, &next, vips_premultiply(in, &next, NULL)) ||
			become(image, &next, vips_cast(*image, &next, format, NULL))))
		return -1;
	in = *image;
	if (become(image, &next, vips_resize(in, &next, (double) width / in->Xsize,
			"vscale", (double) height / in->Ysize, NULL)))
		return -1;
	return alpha &&
		(become(image, &next, vips_unpremultiply(*image, &next, NULL)) ||
			become(image, &next, vips_cast(*image, &next, format, NULL)));
}

static int
to_srgb(VipsImage **image)
{
	VipsImage *next = NULL;
	const void *profile;
	size_t size;

	if (vips_image_get_typeof(*image, VIPS_META_ICC_NAME) &&
		!vips_image_get_blob(*image, VIPS_META_ICC_NAME, &profile, &size) &&
		!is_srgb(profile, size)) {
		// A broken profile is no reason to show nothing: without it the numbers are taken as they are.
		if (vips_icc_transform(*image, &next, "srgb", "embedded", TRUE,
				"intent", VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, NULL))
			vips_error_clear();
		else
			become(image, &next, 0);
	}
	if (become(image, &next, vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL)))
		return -1;
	return become(image, &next, vips_cast(*image, &next, VIPS_FORMAT_UCHAR, NULL));
}

static int
into_memory(VipsImage **image)
{
	VipsImage *next = vips_image_copy_memory(*image);

	return become(image, &next, next == NULL);
}

// Loads the largest picture: small, upright, sRGB. It may be read once, from top to bottom.
static VipsImage *
largest(const vt_source *source, int width, int height, gboolean alpha)
{
	VipsImage *image = from(source);
	VipsImage *next = NULL;

	if (!image)
		return NULL;
	int orientation = vips_image_get_orientation(image);
	gboolean lies = orientation >= 5;
	if (prepare(&image, alpha) ||
		resize(&image, lies ? height : width, lies ? width : height) ||
		to_srgb(&image) ||
		(orientation != 1 &&
			(into_memory(&image) ||
				become(&image, &next, vips_autorot(image, &next, NULL))))) {
		g_object_unref(image);
		return NULL;
	}
	return image;
}

static gboolean
keeps_alpha(const vt_picture *picture)
{
	return strcmp(picture->format, "jpeg") != 0;
}

// Efforts are what a picture that somebody waits for may cost: more takes several times longer and
// saves few bytes.
static int
encode(VipsImage *image, vt_picture *picture)
{
	void **data = &picture->data;
	size_t *size = &picture->size;
	int quality = picture->quality;

	if (strcmp(picture->format, "webp") == 0)
		return vips_webpsave_buffer(image, data, size, "Q", quality, "strip", TRUE, "effort", 2, NULL);
	if (strcmp(picture->format, "avif") == 0)
		return vips_heifsave_buffer(image, data, size, "Q", quality, "strip", TRUE, "effort", 1,
			"compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "bitdepth", 8, NULL);
	if (strcmp(picture->format, "png") == 0)
		return vips_pngsave_buffer(image, data, size, "strip", TRUE, NULL);
	VipsImage *solid = g_object_ref(image);
	int failed = flatten(&solid) ||
		vips_jpegsave_buffer(solid, data, size, "Q", quality, "strip", TRUE, NULL);
	g_object_unref(solid);
	return failed;
}

static int
take_pixels(VipsImage **image, vt_pixels *pixels)
{
	VipsImage *next = NULL;

	if (resize(image, pixels->width, pixels->height) ||
		(pixels->bands == 3 && flatten(image)) ||
		(pixels->bands == 4 && !vips_image_hasalpha(*image) &&
			become(image, &next, vips_bandjoin_const1(*image, &next, 255, NULL))))
		return -1;
	if ((*image)->Bands != pixels->bands || (*image)->BandFmt != VIPS_FORMAT_UCHAR) {
		vips_error("vitrine", "not the pixels that were asked for");
		return -1;
	}
	VipsImage *target = vips_image_new_from_memory(pixels->pixels,
		(size_t) pixels->width * pixels->height * pixels->bands,
		pixels->width, pixels->height, pixels->bands, VIPS_FORMAT_UCHAR);
	int failed = !target || vips_image_write(*image, target);
	g_clear_object(&target);
	return failed;
}

int
vt_render(const vt_source *source, vt_picture *pictures, int n, vt_pixels *pixels)
{
	gboolean alpha = pixels && pixels->bands == 4;
	int i;

	for (i = 0; i < n; i++)
		alpha |= keeps_alpha(&pictures[i]);
	VipsImage *image = largest(source, n > 0 ? pictures[0].width : pixels->width,
		n > 0 ? pictures[0].height : pixels->height, alpha);
	if (!image)
		return -1;
	for (i = 0; i < n; i++) {
		gboolean last = i == n - 1 && !pixels;

		if (resize(&image, pictures[i].width, pictures[i].height) ||
			(!last && into_memory(&image)) ||
			encode(image, &pictures[i]))
			goto fail;
	}
	if (pixels && take_pixels(&image, pixels))
		goto fail;
	g_object_unref(image);
	return 0;

fail:
	g_object_unref(image);
	return -1;
}

void *
vt_text(const char *text, int px, int *width, int *height)
{
	VipsImage *image = NULL;
	char font[32];
	size_t size;

	g_snprintf(font, sizeof font, "sans bold %d", px);
	// libvips takes all text for markup.
	char *plain = g_markup_escape_text(text, -1);
	int failed = vips_text(&image, plain, "font", font, "dpi", 72, NULL);
	g_free(plain);
	if (failed)
		return NULL;
	*width = image->Xsize;
	*height = image->Ysize;
	void *mask = vips_image_write_to_memory(image, &size);
	g_object_unref(image);
	if (mask && size == (size_t) *width * *height)
		return mask;
	vips_error("vitrine", "a text that is no mask");
	g_free(mask);
	return NULL;
}
