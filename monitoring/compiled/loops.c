/* The inner loops over one column of some thousand rows, where the calls of numpy cost more than the work.

   Each gives what numpy gives in its place on a machine without a compiler (profiles/counting.py, drift/gap.py,
   drift/cramer_von_mises.py, drift/wasserstein.py); the tests hold one to the other. Nothing is allocated here. Sizes
   and contents are the callers' to check: kernel.py does.

   Cells: point i of m is cell 2i + 1, the open interval before it cell 2i. A column's filled cells are those u in which
   the batch has values, `held` of them each, `upto` up to the end of each. Counts are whole numbers, products of them
   too: a gap is n m |F - G|. */

#include <math.h>
#include <stdint.h>

typedef __int128 whole;

const char *driftline_source(void) { return DRIFTLINE_SOURCE; }

/* Counts of the increasing `values` in the cells of the increasing `points`, and sums in the open ones.

   cells (2m + 1), sums (m + 1): zero beforehand. filled, held, upto: room for min(n, 2m + 1).
   Returns how many cells are filled. */
int64_t driftline_count(const double *values, int64_t n, const double *points, int64_t m, int64_t *cells, double *sums,
                        int64_t *filled, int64_t *held, int64_t *upto) {
    int64_t below = 0, u = 0, last = -1;
    for (int64_t i = 0; i < n; i++) {
        double value = values[i];
        while (below < m && points[below] < value) below++;
        int64_t on_point = below < m && points[below] == value, cell = 2 * below + on_point;
        sums[below] += on_point ? 0 : value;
        u += cell != last;
        filled[u - 1] = last = cell;
        upto[u - 1] = i + 1;
    }
    for (int64_t k = 0; k < u; k++) cells[filled[k]] = held[k] = upto[k] - (k ? upto[k - 1] : 0);
    return u;
}

static int64_t distance(int64_t one, int64_t other) { return one < other ? other - one : one - other; }

/* How many lie before a cell, given how many lie `upto` the end of each. */
static int64_t before(const int64_t *upto, int64_t cell) { return cell ? upto[cell - 1] : 0; }

/* The first of `upto` that is at least `wanted`. */
static int64_t first_upto(const int64_t *upto, int64_t cells, int64_t wanted) {
    int64_t low = 0, high = cells;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (upto[middle] < wanted) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The widest gap between both sides, at the ends of cells and, given `ordered` and `values`, within them.

   n, reference (cells): of the reference, its values in each cell or one before it. m, filled, held, upto: of the
   batch, (u >= 1) each.
   ordered, values: both sides' values, increasing, or null.
   gaps (2): the widest one found, and a bound of it, the same where values were looked at.
   cell: at whose right end the widest at any end is. value: the smallest where a wider one is, if any.
   Returns whether there is one. */
int64_t driftline_gap(int64_t n, const int64_t *reference, int64_t cells, int64_t m, const int64_t *filled,
                      const int64_t *held, const int64_t *upto, int64_t u, const double *ordered, const double *values,
                      int64_t *gaps, int64_t *cell, double *value) {
    int64_t over = INT64_MIN, under = INT64_MIN, before_over = 0, cell_under = 0;
    for (int64_t k = 0; k < u; k++) {
        int64_t f = reference[filled[k]], f_before = before(reference, filled[k]);
        int64_t above = f_before * m - (upto[k] - held[k]) * n, beneath = upto[k] * n - f * m;
        if (above > over) over = above, before_over = f_before;
        if (beneath > under) under = beneath, cell_under = filled[k];
    }
    int64_t widest = over >= under ? over : under, high = widest, found = 0;
    *cell = over >= under ? first_upto(reference, cells, before_over) : cell_under;
    gaps[0] = widest;
    for (int64_t k = 0; k < u; k++) {
        int64_t i = before(reference, filled[k]), i_end = reference[filled[k]], f = i_end - i;
        if (filled[k] & 1 || !f) continue;
        int64_t j = upto[k] - held[k], j_end = upto[k];
        int64_t above = i * m - j * n, beneath = j_end * n - i_end * m;
        int64_t bound = (above >= beneath ? above : beneath) + f * m;
        if (bound > high) high = bound;
        if (!values || bound <= widest) continue;
        while (i < i_end || j < j_end) {
            double point = j == j_end || (i < i_end && ordered[i] <= values[j]) ? ordered[i] : values[j];
            while (i < i_end && ordered[i] == point) i++;
            while (j < j_end && values[j] == point) j++;
            int64_t gap = distance(i * m, j * n);
            if (gap > widest) widest = gap, *value = point, found = 1;
        }
    }
    gaps[1] = values ? widest : high;
    if (values) gaps[0] = widest;
    return found;
}

/* Bounds (2) of the Cramer-von Mises statistic from counts, as explained in drift/cramer_von_mises.py.

   Arguments as in driftline_gap, where 4 n m (n + m) fits 63 bits, and the reference's sum of (t^3 - t) / 12 over its
   ties, those on points and those that may be in open cells. Twelve times U is a whole number but for one term of the
   lower bound, and is added up as one. */
void driftline_cvm(int64_t n, const int64_t *reference, int64_t m, const int64_t *filled, const int64_t *held,
                   const int64_t *upto, int64_t u, double ties_on_points, double ties_in_cells, double *bounds) {
    int64_t below = 0, below_reference = 0, in_cells = 0, on_points = 0, on_points_reference = 0, passed = 0;
    whole tied = 0, tied_in_cells = 0, turned = 0, either = 0, highest = 0;
    double least = 0;
    for (int64_t k = 0; k < u; k++) {
        int64_t i_end = reference[filled[k]], i = before(reference, filled[k]), f = i_end - i, g = held[k], j = upto[k] - g;
        below_reference += (i_end - passed) * j * j;
        passed = i_end;
        below += g * i * i;
        int64_t pairs = f * g;
        if (filled[k] & 1) {
            if (g > 1) tied += (whole)g * g * g - g;
            on_points += pairs * (4 * j + g);
            on_points_reference += pairs * (4 * i + f);
            continue;
        }
        if (g > 1) tied_in_cells += (whole)g * g * g - g;
        if (!f) continue;
        int64_t mine = f * m, other = g * n;
        whole ahead = (whole)(i * m - j * n) * pairs;
        in_cells += pairs * i;
        turned += ahead;
        either += ahead < 0 ? -ahead : ahead;
        highest += (whole)pairs * (mine > other ? mine : other);
        least += (double)pairs * (double)pairs / ((double)mine + (double)other);
    }
    below_reference += (n - passed) * m * m;
    whole known = 12 * ((whole)n * below_reference + (whole)m * below) + m * tied + n * (whole)(12 * ties_on_points)
                + 3 * ((whole)n * on_points + (whole)m * on_points_reference)
                + 24 * (whole)m * in_cells - 12 * turned - 2 * (whole)n * m * (4 * (whole)n * m - 1);
    whole most = 12 * (either + highest) + m * tied_in_cells + n * (whole)(12 * ties_in_cells);
    double scale = 12 * (double)n * (double)m;
    bounds[0] = ((double)(known - 12 * either) + scale * least) / (scale * (double)(n + m));
    bounds[1] = (double)(known + most) / (scale * (double)(n + m));
}

/* The place among the batch's filled cells from which on `rank` of both sides' values, or more, lie up to a cell's end. */
int64_t driftline_place(const int64_t *reference, const int64_t *filled, const int64_t *upto, int64_t u, int64_t rank) {
    int64_t low = 0, high = u;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (reference[filled[middle]] + upto[middle] < rank) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Wasserstein-1 of `few` (1 <= n <= m) and `many` (m) increasing values: each of the few stands for an equal window. */
double driftline_wasserstein(const double *few, int64_t n, const double *many, int64_t m) {
    double total = 0;
    for (int64_t i = 0; i < n; i++) {
        double value = few[i], area[4] = {0, 0, 0, 0}, ends = 0;
        int64_t begin = i * m, end = begin + m, j = begin / n, last = end / n, cut = begin - j * n, left = end - last * n;
        if (cut) ends += (double)(n - cut) * fabs(many[j++] - value);
        if (left) ends += (double)left * fabs(many[last] - value);
        for (; j + 4 <= last; j += 4)
            for (int lane = 0; lane < 4; lane++) area[lane] += fabs(many[j + lane] - value);
        for (; j < last; j++) area[0] += fabs(many[j] - value);
        total += (area[0] + area[1] + area[2] + area[3]) + ends / (double)n;
    }
    return total / (double)m;
}
