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

static VipsImage *
load(int fd, const char *loader, int shrink)
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
	if (shrink > 1)
		failed = vips_call(operation, source, &image, "access", VIPS_ACCESS_SEQUENTIAL,
			"fail_on", VIPS_FAIL_ON_TRUNCATED, "shrink", shrink, NULL);
	else
		failed = vips_call(operation, source, &image, "access", VIPS_ACCESS_SEQUENTIAL,
			"fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
	g_object_unref(source);
	return failed ? NULL : image;
}

int
vt_read_header(int fd, const char *loader, vt_header *header)
{
	VipsImage *image = load(fd, loader, 1);

	if (!image)
		return -1;
	header->width = image->Xsize;
	header->height = image->Ysize;
	// vips_image_get_n_pages takes more than 10000 for nonsense and says 1.
	header->pages = 1;
	if (vips_image_get_typeof(image, VIPS_META_N_PAGES))
		vips_image_get_int(image, VIPS_META_N_PAGES, &header->pages);
	header->orientation = vips_image_get_orientation(image);
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

// Makes any loaded picture one that can be resized as it is: 8 or 16 bit, no alpha.
static int
prepare(VipsImage **image)
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

	double full = wide ? 65535 : 255;
	double white[3] = { full, full, full };
	VipsArrayDouble *background = vips_array_double_new(white, (*image)->Bands < 3 ? 1 : 3);
	int failed = vips_flatten(*image, &next, "background", background, "max_alpha", full, NULL);
	vips_area_unref(VIPS_AREA(background));
	return become(image, &next, failed);
}

static int
resize(VipsImage **image, int width, int height)
{
	VipsImage *in = *image;
	VipsImage *next = NULL;

	if (in->Xsize == width && in->Ysize == height)
		return 0;
	return become(image, &next, vips_resize(in, &next, (double) width / in->Xsize,
		"vscale", (double) height / in->Ysize, NULL));
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

// Loads the largest picture: small, upright, sRGB, in memory.
static VipsImage *
largest(int fd, const char *loader, int shrink, int width, int height)
{
	VipsImage *image = load(fd, loader, shrink);
	VipsImage *next = NULL;

	if (!image)
		return NULL;
	int orientation = vips_image_get_orientation(image);
	gboolean lies = orientation >= 5;
	if (prepare(&image) ||
		resize(&image, lies ? height : width, lies ? width : height) ||
		to_srgb(&image) ||
		into_memory(&image) ||
		(orientation != 1 &&
			(become(&image, &next, vips_autorot(image, &next, NULL)) ||
				into_memory(&image)))) {
		g_object_unref(image);
		return NULL;
	}
	return image;
}

int
vt_render(int fd, const char *loader, int shrink, vt_picture *pictures, int n, vt_pixels *pixels)
{
	VipsImage *image = largest(fd, loader, shrink, pictures[0].width, pictures[0].height);
	int i;
	size_t size;

	if (!image)
		return -1;
	for (i = 0; i < n; i++)
		if (resize(&image, pictures[i].width, pictures[i].height) ||
			(i > 0 && into_memory(&image)) ||
			vips_jpegsave_buffer(image, &pictures[i].data, &pictures[i].size,
				"Q", pictures[i].quality, "strip", TRUE, NULL))
			goto fail;
	if (resize(&image, pixels->width, pixels->height))
		goto fail;
	pixels->pixels = vips_image_write_to_memory(image, &size);
	if (!pixels->pixels || size != (size_t) pixels->width * pixels->height * 3)
		goto fail;
	g_object_unref(image);
	return 0;

fail:
	g_object_unref(image);
	return -1;
}
