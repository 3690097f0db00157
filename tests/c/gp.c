/* The Gaussian process: closed forms of one and two observations, what is refused, and that a refused
 * call leaves no trace. */
#include <math.h>

#include "check.h"

static lent storage, scratch;
static hotnas_workspace workspace;
static const hotnas_hyperparameters simple = {2, REAL(0.5), REAL(0.1), 1};

static hotnas_real e_to(hotnas_real x) { return (hotnas_real)exp((double)x); }

static void bad_arguments(void) {
    hotnas_gp gp, moved;
    hotnas_gp_info info;
    hotnas_hyperparameters odd = simple;
    hotnas_fit_settings fit;
    hotnas_fit_report report;
    hotnas_real near_[2] = {REAL(0.5), REAL(0.25)}, mean[2], variance[2], values[3] = {1, 2, 3}, out[3];
    size_t size = hotnas_gp_size(4);
    unsigned char *memory = (unsigned char *)lent_start(&storage);

    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, gp, hotnas_gp_init(&gp, 4, 0, &simple, memory, size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MISALIGNED, gp, hotnas_gp_init(&gp, 4, 0, &simple, memory + 4, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, gp, hotnas_gp_init(&gp, 4, 0, &simple, NULL, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, gp, hotnas_gp_init(&gp, 4, 0, NULL, memory, size));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_init(NULL, 4, 0, &simple, memory, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, gp, hotnas_gp_init(&gp, 4, 6, &simple, memory, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, gp, hotnas_gp_init(&gp, 4, -1, &simple, memory, size));
    CHECK(pattern_is(&storage, sizeof storage));
    odd.noise = -1;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, gp, hotnas_gp_init(&gp, 4, 0, &odd, memory, size));
    odd.noise = not_a_number();
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, gp, hotnas_gp_init(&gp, 4, 0, &odd, memory, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_SIZE_OVERFLOW, gp,
                     hotnas_gp_init(&gp, SIZE_MAX / 2, 0, &simple, memory, SIZE_MAX));
    CHECK(hotnas_gp_size(SIZE_MAX / 2) == SIZE_MAX);

    memset(&gp, 0, sizeof gp);
    EXPECT(HOTNAS_STATUS_NOT_INITIALISED, hotnas_gp_append(&gp, 0, NULL, 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, info, hotnas_gp_describe(&gp, &info));
    EXPECT(OK, hotnas_gp_init(&gp, 2, 0, &simple, memory, size));
    moved = gp;
    EXPECT(HOTNAS_STATUS_NOT_INITIALISED, hotnas_gp_append(&moved, 0, NULL, 1));
    EXPECT(OK, hotnas_fit_settings_default(&fit));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_fit_settings_default(NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NO_OBSERVATION, report, hotnas_gp_fit(&gp, &fit, &workspace, &report));
    EXPECT(HOTNAS_STATUS_DIMENSION_MISMATCH, hotnas_gp_append(&gp, 1, near_, 1));
    EXPECT(OK, hotnas_gp_append(&gp, 0, NULL, 1));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_append(&gp, 1, NULL, 1));
    EXPECT(HOTNAS_STATUS_NOT_FINITE, hotnas_gp_append(&gp, 1, near_, infinity_()));
    near_[0] = -1;
    EXPECT(HOTNAS_STATUS_NEGATIVE_COST, hotnas_gp_append(&gp, 1, near_, 1));
    near_[0] = not_a_number();
    EXPECT(HOTNAS_STATUS_NOT_FINITE, hotnas_gp_append(&gp, 1, near_, 1));
    pattern_fill(variance, sizeof variance);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, mean,
                     hotnas_gp_posterior(&gp, 1, near_, &workspace, mean, variance));
    CHECK(pattern_is(variance, sizeof variance));
    near_[0] = REAL(0.5);
    EXPECT(OK, hotnas_gp_append(&gp, 1, near_, 1));
    EXPECT(HOTNAS_STATUS_CAPACITY_EXCEEDED, hotnas_gp_append(&gp, 2, near_, 1));
    EXPECT(OK, hotnas_gp_describe(&gp, &info));
    CHECK(info.count == 2 && info.capacity == 2 && info.kernel == HOTNAS_KERNEL_EXPONENTIAL);
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_posterior(&gp, 1, near_, &workspace, mean, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_posterior(&gp, 1, near_, NULL, mean, variance));
    EXPECT(HOTNAS_STATUS_SIZE_OVERFLOW, hotnas_gp_posterior(&gp, SIZE_MAX, near_, &workspace, mean, variance));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, mean,
                     hotnas_gp_leave_one_out(&gp, 1, &workspace, mean, variance));
    EXPECT(HOTNAS_STATUS_INVALID_ENUM, hotnas_gp_set_kernel(&gp, 9));
    EXPECT(HOTNAS_STATUS_INVALID_ENUM, hotnas_gp_set_kernel(&gp, -1));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_set_kernel(NULL, 0));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_set_hyperparameters(&gp, NULL));
    EXPECT(HOTNAS_STATUS_NOT_FINITE, hotnas_gp_set_hyperparameters(&gp, &odd));
    EXPECT(OK, hotnas_gp_describe(&gp, &info));
    CHECK(info.kernel == HOTNAS_KERNEL_EXPONENTIAL);
    fit.fit = 2;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, report, hotnas_gp_fit(&gp, &fit, &workspace, &report));
    fit.fit = HOTNAS_FIT_FULL;
    fit.noise_minimum = 0;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, report, hotnas_gp_fit(&gp, &fit, &workspace, &report));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, out, hotnas_values_transform(4, 3, values, out));
    values[1] = not_a_number();
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, out, hotnas_values_transform(1, 3, values, out));
    CHECK(lent_surroundings_intact(&storage, size));
}

/* One and two observations have closed forms. */
static void closed_forms(void) {
    hotnas_gp gp;
    hotnas_gp_info info;
    hotnas_real d[2] = {REAL(0.3), REAL(0.8)}, mean[2], variance[2], k, s, det, c[2];
    EXPECT(OK, hotnas_gp_init(&gp, 4, HOTNAS_KERNEL_EXPONENTIAL, &simple, storage.words, sizeof storage.words));
    EXPECT(OK, hotnas_gp_posterior(&gp, 2, NULL, &workspace, mean, variance));
    CHECK(mean[0] == 1 && variance[1] == 2); /* the prior */
    EXPECT(OK, hotnas_gp_append(&gp, 0, NULL, 3));
    EXPECT(OK, hotnas_gp_posterior(&gp, 2, d, &workspace, mean, variance));
    k = 2 * e_to(-d[1] / simple.length_scale);
    s = simple.variance + simple.noise;
    NEAR(mean[1], 1 + k / s * 2);
    NEAR(variance[1], 2 - k * k / s);
    /* The second observation lies 0.3 from the first. */
    EXPECT(OK, hotnas_gp_append(&gp, 1, d, 0));
    k = 2 * e_to(-d[0] / simple.length_scale);
    det = s * s - k * k;
    EXPECT(OK, hotnas_gp_describe(&gp, &info));
    CHECK(info.jitter == 0);
    NEAR(info.log_marginal_likelihood,
         (hotnas_real)(-0.5 * (double)((s * 4 + s * 1 - 2 * k * 2 * -1) / det) - 0.5 * log((double)det) -
                       1.8378770664093453));
    c[0] = e_to(-d[0] / simple.length_scale) * 2;
    c[1] = e_to(-d[1] / simple.length_scale) * 2;
    EXPECT(OK, hotnas_gp_posterior(&gp, 1, d, &workspace, mean, variance));
    NEAR(mean[0], 1 + (c[0] * (s * 2 + k) + c[1] * (-k * 2 - s)) / det);
    NEAR(variance[0], 2 - (c[0] * (s * c[0] - k * c[1]) + c[1] * (s * c[1] - k * c[0])) / det);
    /* Two candidates together: the variances of each alone, and k(x, y) - k_x K^-1 k_y between them. */
    {
        const hotnas_real two[4] = {d[0], d[1], d[1], d[0]}, apart[1] = {0};
        hotnas_real means[2], alone[2], joint[3];
        EXPECT(OK, hotnas_gp_posterior(&gp, 2, two, &workspace, means, alone));
        EXPECT(OK, hotnas_gp_joint_posterior(&gp, 2, two, apart, &workspace, mean, joint));
        CHECK(memcmp(means, mean, sizeof mean) == 0 && joint[0] == alone[0] && joint[2] == alone[1]);
        NEAR(joint[1], 2 - (c[0] * (s * c[1] - k * c[0]) + c[1] * (s * c[0] - k * c[1])) / det);
        CHECK(hotnas_gp_joint_workspace_size(2, 2) == 20 * sizeof(hotnas_real));
        CHECK(hotnas_gp_joint_workspace_size(SIZE_MAX / 4, 9) == SIZE_MAX);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, joint,
                         hotnas_gp_joint_posterior(&gp, 2, two, NULL, &workspace, mean, joint));
        c[0] = -1;
        EXPECT_UNTOUCHED(HOTNAS_STATUS_NEGATIVE_COST, joint,
                         hotnas_gp_joint_posterior(&gp, 2, two, c, &workspace, mean, joint));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_SIZE_OVERFLOW, joint,
                         hotnas_gp_joint_posterior(&gp, SIZE_MAX, two, apart, &workspace, mean, joint));
    }
    EXPECT(OK, hotnas_gp_leave_one_out(&gp, 2, &workspace, mean, variance));
    NEAR(mean[0], 1 + k / s * -1);
    NEAR(variance[0], s - k * k / s);
    /* Truncated and appended again: the same bits. */
    EXPECT(OK, hotnas_gp_truncate(&gp, 1));
    EXPECT(OK, hotnas_gp_append(&gp, 1, d, 0));
    EXPECT(OK, hotnas_gp_leave_one_out(&gp, 2, &workspace, c, variance));
    CHECK(memcmp(mean, c, sizeof mean) == 0);
}

static void fit_and_transform(void) {
    static const hotnas_real values[4] = {3, 1, 2, 10};
    hotnas_gp gp;
    hotnas_fit_settings settings;
    hotnas_fit_report report, again;
    hotnas_gp_info before, after;
    hotnas_real x[20], d[20], out[4], sum = 0, squares = 0;
    size_t i, j;
    EXPECT(OK, hotnas_gp_init(&gp, 20, HOTNAS_KERNEL_EXPONENTIAL, &simple, storage.words, sizeof storage.words));
    for (i = 0; i < 20; i++) {
        x[i] = random_real() * 4;
        for (j = 0; j < i; j++) d[j] = distance_of(x[i], x[j]);
        EXPECT(OK, hotnas_gp_append(&gp, i, d, x[i] * x[i]));
    }
    EXPECT(OK, hotnas_gp_describe(&gp, &before));
    EXPECT(OK, hotnas_fit_settings_default(&settings));
    EXPECT(OK, hotnas_gp_fit(&gp, &settings, &workspace, &report));
    CHECK(report.log_marginal_likelihood > before.log_marginal_likelihood);
    CHECK(report.evaluations > 0 && report.hyperparameters.length_scale > 0);
    EXPECT(OK, hotnas_gp_set_hyperparameters(&gp, &simple));
    EXPECT(OK, hotnas_gp_describe(&gp, &after));
    CHECK(memcmp(&before.log_marginal_likelihood, &after.log_marginal_likelihood, sizeof(hotnas_real)) == 0);
    EXPECT(OK, hotnas_gp_fit(&gp, &settings, &workspace, &again));
    CHECK(again.hyperparameters.length_scale == report.hyperparameters.length_scale);
    CHECK(again.hyperparameters.noise == report.hyperparameters.noise);
    settings.fit = HOTNAS_FIT_LENGTH;
    EXPECT(OK, hotnas_gp_fit(&gp, &settings, &workspace, NULL));
    EXPECT(OK, hotnas_gp_set_kernel(&gp, HOTNAS_KERNEL_MATERN52));
    EXPECT(OK, hotnas_gp_describe(&gp, &after));
    CHECK(after.kernel == HOTNAS_KERNEL_MATERN52);

    EXPECT(OK, hotnas_values_transform(HOTNAS_TRANSFORM_SOFT, 4, values, out));
    for (i = 0; i < 4; i++) {
        sum += out[i];
        squares += out[i] * out[i];
        for (j = 0; j < 4; j++) CHECK((values[i] < values[j]) == (out[i] < out[j]));
    }
    NEAR(sum, 0);
    NEAR(squares, 4);
}

/* With exp(-d/l), parts with length scales of their own are one distance that is weighed before. */
static void parts(void) {
    static lent other;
    const hotnas_hyperparameters start = {1, 1, REAL(0.01), 0};
    hotnas_gp product, whole;
    hotnas_gp_info info, before;
    hotnas_fit_settings settings;
    hotnas_real ratios[2] = {1, REAL(0.25)}, d[20], sums[10], mean[2], variance[2];
    size_t i, j, size = hotnas_gp_size_of_parts(10, 2);
    unsigned char *memory = (unsigned char *)lent_start(&other);
    CHECK(hotnas_gp_size_of_parts(10, 1) == hotnas_gp_size(10) && size == hotnas_gp_size(10) + 45 * sizeof(hotnas_real));
    CHECK(hotnas_gp_size_of_parts(SIZE_MAX / 2, 2) == SIZE_MAX);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, product,
                     hotnas_gp_init_of_parts(&product, 10, 2, 0, &start, memory, size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, product,
                     hotnas_gp_init_of_parts(&product, 10, 0, 0, &start, memory, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, product,
                     hotnas_gp_init_of_parts(&product, 10, HOTNAS_MAX_PARTS + 1, 0, &start, memory, size));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_init_of_parts(NULL, 10, 2, 0, &start, memory, size));
    EXPECT(OK, hotnas_gp_init_of_parts(&product, 10, 2, 0, &start, memory, size));
    EXPECT(OK, hotnas_gp_init(&whole, 10, 0, &start, storage.words, sizeof storage.words));
    EXPECT(HOTNAS_STATUS_DIMENSION_MISMATCH, hotnas_gp_set_ratios(&product, 1, ratios));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_set_ratios(&product, 2, NULL));
    EXPECT(OK, hotnas_gp_set_ratios(&product, 2, ratios));
    ratios[1] = 0;
    EXPECT(HOTNAS_STATUS_INVALID_SETTING, hotnas_gp_set_ratios(&product, 2, ratios));
    for (i = 0; i < 10; i++) {
        for (j = 0; j < i; j++) {
            d[2 * j] = REAL(0.1) * (hotnas_real)(i - j);
            d[2 * j + 1] = REAL(0.05) * (hotnas_real)(i * i - j * j);
            sums[j] = d[2 * j] + 4 * d[2 * j + 1];
        }
        EXPECT(OK, hotnas_gp_append(&product, i, d, (hotnas_real)(i % 3)));
        EXPECT(OK, hotnas_gp_append(&whole, i, sums, (hotnas_real)(i % 3)));
    }
    for (j = 0; j < 20; j++) d[j] = REAL(0.1) * (hotnas_real)j;
    for (j = 0; j < 10; j++) sums[j] = d[2 * j] + 4 * d[2 * j + 1];
    EXPECT(OK, hotnas_gp_posterior(&product, 1, d, &workspace, mean, variance));
    EXPECT(OK, hotnas_gp_posterior(&whole, 1, sums, &workspace, mean + 1, variance + 1));
    NEAR(mean[0], mean[1]);
    NEAR(variance[0], variance[1]);
    EXPECT(HOTNAS_STATUS_SIZE_OVERFLOW,
           hotnas_gp_posterior(&product, SIZE_MAX / 10, d, &workspace, mean, variance));
    EXPECT(OK, hotnas_gp_describe(&product, &before));
    CHECK(before.part_count == 2 && before.ratios[1] == REAL(0.25) && before.ratios[7] == 1);
    EXPECT(OK, hotnas_fit_settings_default(&settings));
    EXPECT(OK, hotnas_gp_fit(&product, &settings, &workspace, NULL));
    EXPECT(OK, hotnas_gp_describe(&product, &info));
    CHECK(info.log_marginal_likelihood >= before.log_marginal_likelihood && info.ratios[1] != REAL(0.25));
    CHECK(lent_surroundings_intact(&other, size));
}

/* Leave-one-out against processes without the observation; a kernel that is not positive definite. */
static void diagnostics(void) {
    static lent other;
    hotnas_gp gp, without;
    hotnas_gp_info info;
    hotnas_calibration found, expected;
    hotnas_clipping clipping;
    hotnas_hyperparameters start = {2, REAL(0.5), REAL(0.1), 1};
    hotnas_real x[8], values[8], d[16], mean[8], variance[8], m[2], v[2];
    size_t i, j, k, n;
    EXPECT(OK, hotnas_gp_init(&gp, 8, HOTNAS_KERNEL_EXPONENTIAL, &start, storage.words, sizeof storage.words));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NO_OBSERVATION, found,
                     hotnas_gp_calibration(&gp, REAL(0.9), &workspace, &found));
    for (i = 0; i < 8; i++) {
        x[i] = random_real() * 2;
        values[i] = x[i] * x[i];
        for (j = 0; j < i; j++) d[j] = distance_of(x[i], x[j]);
        EXPECT(OK, hotnas_gp_append(&gp, i, d, values[i]));
    }
    for (k = 0; k < 8; k++) {
        EXPECT(OK, hotnas_gp_init(&without, 8, 0, &start, other.words, sizeof other.words));
        for (i = 0; i < 8; i++) {
            for (j = 0, n = 0; j < i; j++)
                if (j != k) d[n++] = distance_of(x[i], x[j]);
            if (i != k) EXPECT(OK, hotnas_gp_append(&without, n, d, values[i]));
        }
        for (j = 0, n = 0; j < 8; j++)
            if (j != k) d[n++] = distance_of(x[k], x[j]);
        EXPECT(OK, hotnas_gp_posterior(&without, 1, d, &workspace, mean + k, variance + k));
        variance[k] += start.noise;
    }
    EXPECT(OK, hotnas_predictions_calibration(8, values, mean, variance, REAL(0.9), &expected));
    EXPECT(OK, hotnas_gp_calibration(&gp, REAL(0.9), &workspace, &found));
    CHECK(found.coverage == expected.coverage);
    NEAR(found.bias, expected.bias);
    NEAR(found.spread, expected.spread);
    NEAR(found.log_density, expected.log_density);
    NEAR(found.error, expected.error);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, found, hotnas_gp_calibration(&gp, 1, &workspace, &found));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_calibration(&gp, REAL(0.5), &workspace, NULL));
    variance[3] = 0;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, found,
                     hotnas_predictions_calibration(8, values, mean, variance, REAL(0.9), &found));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, found,
                     hotnas_predictions_calibration(8, values, mean, NULL, REAL(0.9), &found));

    /* Of a positive definite kernel nothing is lost. */
    for (j = 0; j < 16; j++) d[j] = distance_of(x[j % 8], REAL(0.1) * (hotnas_real)(j / 8));
    EXPECT(OK, hotnas_gp_posterior(&gp, 2, d, &workspace, m, v));
    EXPECT(OK, hotnas_gp_clipped_posterior(&gp, 2, d, &workspace, mean, variance, &clipping));
    NEAR(mean[1], m[1]);
    NEAR(variance[1], v[1]);
    CHECK(clipping.lost_count == 0 && clipping.least_eigenvalue > 0);
    EXPECT(HOTNAS_STATUS_NULL, hotnas_gp_clipped_posterior(&gp, 2, d, &workspace, mean, NULL, &clipping));
    EXPECT(HOTNAS_STATUS_SIZE_OVERFLOW,
           hotnas_gp_clipped_posterior(&gp, SIZE_MAX, d, &workspace, mean, variance, NULL));
    CHECK(hotnas_gp_clipped_workspace_size(8) == (2 * 64 + 16) * sizeof(hotnas_real));
    CHECK(hotnas_gp_clipped_workspace_size(SIZE_MAX / 2) == SIZE_MAX);
    /* Shortest paths in a complete bipartite graph are not of negative type. */
    start.length_scale = 20;
    EXPECT(OK, hotnas_gp_init(&gp, 8, HOTNAS_KERNEL_EXPONENTIAL, &start, storage.words, sizeof storage.words));
    for (i = 0; i < 8; i++) {
        for (j = 0; j < i; j++) d[j] = (i < 4) == (j < 4) ? 2 : 1;
        EXPECT(OK, hotnas_gp_append(&gp, i, d, values[i]));
    }
    for (j = 0; j < 8; j++) d[j] = 1;
    EXPECT(OK, hotnas_gp_describe(&gp, &info));
    CHECK(info.jitter > 0);
    EXPECT(OK, hotnas_gp_clipped_posterior(&gp, 1, d, &workspace, mean, variance, &clipping));
    CHECK(clipping.lost_count == 1 && clipping.least_eigenvalue < 0 && variance[0] >= 0);
    /* Along (1, ..., -1, ...), with q = exp(-1/20): 1 + 3 q^2 - 4 q. */
    {
        const hotnas_real q = e_to(REAL(-0.05));
        NEAR(clipping.least_eigenvalue, 1 + 3 * q * q - 4 * q);
    }
    EXPECT(OK, hotnas_gp_clipped_posterior(&gp, 1, d, &workspace, m, v, NULL));
    CHECK(m[0] == mean[0]);
}

int main(void) {
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
    bad_arguments();
    closed_forms();
    fit_and_transform();
    parts();
    diagnostics();
    return finish();
}
