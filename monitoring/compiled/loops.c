/* The inner loops over one column of some thousand rows, where the calls of numpy cost more than the work.

   Each gives what numpy gives in its place on a machine without a compiler (profiles/counting.py, profiles/profile.py,
   drift/gap.py, drift/cramer_von_mises.py, drift/wasserstein.py, drift/ks.py); the tests hold one to the other. Nothing is
   allocated here. Sizes and contents are the callers' to check: kernel.py does.

   Cells: point i of m is cell 2i + 1, the open interval before it cell 2i. A column's filled cells are those u in which
   the batch has values, `upto` of them up to the end of each. Counts are whole numbers, products of them too: a gap is
   n m |F - G|. */

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef __int128 whole;

const char *driftline_source(void) { return DRIFTLINE_SOURCE; }

/* Counts of the increasing `values` in the cells of the increasing `points`; in the open ones their sums, and how far
   they fall short of the point that ends the cell.

   before: points before each of the strips of equal width, `scale` of them a unit, that begin at `low`; values from there
   up to `high`, a point, are looked up in it. Null, low = high = infinity: there are no strips.
   cells (2m + 1), sums and shortfalls (m + 1): zero beforehand. below: room for n. filled, upto: room for min(n, 2m + 1).
   Returns how many cells are filled. What a processor cannot foresee, where the next value lies, decides no branch. */
int64_t driftline_count(const double *values, int64_t n, const double *points, int64_t m, const uint16_t *before,
                        double low, double high, double scale, int64_t *cells, double *sums, double *shortfalls,
                        int64_t *below, int64_t *filled, int64_t *upto) {
    int64_t i = 0, at = 0, u = 0, last = -1;
    for (; i < n && values[i] < low; below[i++] = at)
        while (at < m && points[at] < values[i]) at++;
    for (; i < n && values[i] < high; below[i++] = at) {
        at = before[(int64_t)((values[i] - low) * scale)];
        at += points[at] < values[i]; /* few strips hold more than two points before the value */
        at += points[at] < values[i];
        while (points[at] < values[i]) at++;
    }
    for (; i < n; below[i++] = at)
        while (at < m && points[at] < values[i]) at++;
    for (i = 0; i < n; i++) {
        int64_t on_point = below[i] < m && points[below[i]] == values[i], cell = 2 * below[i] + on_point;
        sums[below[i]] += on_point ? 0 : values[i];
        shortfalls[below[i]] += below[i] < m ? points[below[i]] - values[i] : 0;
        u += cell != last;
        filled[u - 1] = last = cell;
        upto[u - 1] = i + 1;
    }
    for (int64_t k = 0; k < u; k++) cells[filled[k]] = upto[k] - (k ? upto[k - 1] : 0);
    return u;
}

static int64_t distance(int64_t one, int64_t other) { return one < other ? other - one : one - other; }

/* How many lie before a cell, given how many lie `upto` the end of each. */
static int64_t before_cell(const int64_t *upto, int64_t cell) { return cell ? upto[cell - 1] : 0; }

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

/* Where the value of a rank among all of both sides lies: its cell, how many lie before that, and up to its end. */
struct place {
    int64_t cell, before, reached;
};

static struct place place_of(const int64_t *reference, int64_t cells, const int64_t *filled, const int64_t *upto,
                             int64_t u, int64_t rank) {
    int64_t low = 0, high = u; /* the first filled cell up to whose end it lies: before it only the reference has values */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (reference[filled[middle]] + upto[middle] < rank) low = middle + 1;
        else high = middle;
    }
    int64_t passed = before_cell(upto, low), cell = first_upto(reference, cells, rank - passed);
    int64_t there = low < u && filled[low] <= cell;
    if (there) cell = filled[low];
    return (struct place){cell, before_cell(reference, cell) + passed, reference[cell] + (there ? upto[low] : passed)};
}

struct comparison {
    int64_t gap;            /* n m times the widest gap found */
    int64_t gap_bound;      /* of the widest; the same where values were looked at */
    int64_t cell;           /* at whose right end the widest at any cell's end is */
    int64_t within;         /* whether a wider one was found within a cell, */
    double value;           /* at this value, the smallest such */
    double bounds[2];       /* of Cramer-von Mises */
    struct place places[2]; /* of the n-th and of the m-th of all values */
};

/* Both sides' counts compared: Kolmogorov-Smirnov's gap, exactly where both sides' increasing values are given (`ordered`
   and `values`, else null), and bounds of the Cramer-von Mises statistic, as drift/cramer_von_mises.py explains them.

   n, reference (cells): of the reference, its values in each cell or one before it. m, filled, upto: of the batch,
   (u >= 1) each. 4 n m (n + m) fits 63 bits. ties_on_points, ties_in_cells: the reference's sums of
   (t^3 - t) / 12. Twelve times U is a whole number but for one term of the lower bound, and is added up as one. */
void driftline_compare(int64_t n, const int64_t *reference, int64_t cells, double ties_on_points, double ties_in_cells,
                       int64_t m, const int64_t *filled, const int64_t *upto, int64_t u,
                       const double *ordered, const double *values, struct comparison *found) {
    int64_t over = INT64_MIN, under = INT64_MIN, before_over = 0, cell_under = 0, passed = 0;
    int64_t below = 0, below_reference = 0, in_cells = 0, on_points = 0, on_points_reference = 0;
    whole tied = 0, tied_in_cells = 0, turned = 0, either = 0, highest = 0;
    double least = 0;
    for (int64_t k = 0; k < u; k++) {
        int64_t i = before_cell(reference, filled[k]), i_end = reference[filled[k]], f = i_end - i;
        int64_t j = before_cell(upto, k), g = upto[k] - j, pairs = f * g;
        int64_t ahead = i * m - j * n, behind = upto[k] * n - i_end * m;
        if (ahead > over) over = ahead, before_over = i;
        if (behind > under) under = behind, cell_under = filled[k];
        below_reference += (i_end - passed) * j * j;
        below += g * i * i;
        passed = i_end;
        if (filled[k] & 1) {
            tied += (whole)(g * g - 1) * g;
            on_points += pairs * (4 * j + g);
            on_points_reference += pairs * (4 * i + f);
        } else {
            tied_in_cells += (whole)(g * g - 1) * g;
            int64_t mine = f * m, other = g * n;
            whole turn = (whole)ahead * pairs;
            in_cells += pairs * i;
            turned += turn;
            either += turn < 0 ? -turn : turn;
            highest += (whole)pairs * (mine > other ? mine : other);
            least += (double)pairs * (double)pairs / ((double)mine + (double)other);
        }
    }
    below_reference += (n - passed) * m * m;
    whole known = 12 * ((whole)n * below_reference + (whole)m * below) + m * tied + n * (whole)(12 * ties_on_points)
                + 3 * ((whole)n * on_points + (whole)m * on_points_reference)
                + 24 * (whole)m * in_cells - 12 * turned - 2 * (whole)n * m * (4 * (whole)n * m - 1);
    whole most = 12 * (either + highest) + m * tied_in_cells + n * (whole)(12 * ties_in_cells);
    double scale = 12 * (double)n * (double)m;
    found->bounds[0] = ((double)(known - 12 * either) + scale * least) / (scale * (double)(n + m));
    found->bounds[1] = (double)(known + most) / (scale * (double)(n + m));
    found->places[0] = place_of(reference, cells, filled, upto, u, n);
    found->places[1] = place_of(reference, cells, filled, upto, u, m);
    found->cell = over >= under ? first_upto(reference, cells, before_over) : cell_under;

    int64_t widest = over >= under ? over : under, bound = widest;
    found->within = 0;
    found->value = 0;
    for (int64_t k = 0; k < u; k++) {
        int64_t i = before_cell(reference, filled[k]), i_end = reference[filled[k]];
        int64_t j = before_cell(upto, k), j_end = upto[k];
        int64_t ahead = i_end * m - j * n, behind = j_end * n - i * m; /* at most so wide within the cell */
        int64_t wide = ahead > behind ? ahead : behind;
        if (wide <= bound || filled[k] & 1 || i == i_end) continue;
        if (!values) {
            bound = wide;
            continue;
        }
        while (i < i_end || j < j_end) {
            double point = j == j_end || (i < i_end && ordered[i] <= values[j]) ? ordered[i] : values[j];
            while (i < i_end && ordered[i] == point) i++;
            while (j < j_end && values[j] == point) j++;
            if (distance(i * m, j * n) > bound) bound = distance(i * m, j * n), found->value = point, found->within = 1;
        }
    }
    found->gap = values ? bound : widest;
    found->gap_bound = bound;
}

/* n m |F - G| added up over the values i to i_end of `ordered` and j to j_end of `values`, F and G being i / n and j / m
   before them: from `left`, or the first value, to `right`, or the last. */
static double walk(const double *ordered, int64_t i, int64_t i_end, int64_t n, const double *values, int64_t j,
                   int64_t j_end, int64_t m, const double *left, const double *right) {
    double area = 0, from = left ? *left : 0;
    int begun = left != 0;
    while (i < i_end || j < j_end) {
        double point = j == j_end || (i < i_end && ordered[i] <= values[j]) ? ordered[i] : values[j];
        if (begun) area += (double)distance(i * m, j * n) * (point - from);
        while (i < i_end && ordered[i] == point) i++;
        while (j < j_end && values[j] == point) j++;
        from = point, begun = 1;
    }
    return begun && right ? area + (double)distance(i * m, j * n) * (*right - from) : area;
}

/* Wasserstein-1. Where F and G do not cross within an open cell, the area between them is the difference of their
   integrals, which counts and shortfalls tell to the last digits wherever 0 is; elsewhere each value is looked at.

   n, reference (2p + 1): of the reference, its values in each cell or one before it. m, batch (2p + 1): of the batch,
   its values in each cell. Both sides' increasing values, their shortfalls (p + 1), and the points (p) of the cells.
   Returns -1 where the cells do not hold m values. */
double driftline_wasserstein(int64_t n, const int64_t *reference, const double *ordered, const double *shortfalls,
                             int64_t m, const int64_t *batch, const double *values, const double *batch_shortfalls,
                             const double *points, int64_t p) {
    double areas = 0, walked = 0, size = (double)n * (double)m, one = 1 / (double)n, other = 1 / (double)m, both = 1 / size;
    int64_t j = 0;
    for (int64_t cell = 0; cell <= p; cell++) {
        int64_t i = before_cell(reference, 2 * cell), i_end = reference[2 * cell], j_end = j + batch[2 * cell];
        if (j_end > m) return -1;
        int64_t ahead = i * m - j * n, rises = ahead + (i_end - i) * m, falls = ahead - (j_end - j) * n;
        if (cell == 0 || cell == p || (rises > 0 && falls < 0)) {
            walked += walk(ordered, i, i_end, n, values, j, j_end, m, cell ? points + cell - 1 : 0,
                           cell < p ? points + cell : 0);
        } else {
            areas += fabs((double)ahead * both * (points[cell] - points[cell - 1]) + shortfalls[cell] * one
                          - batch_shortfalls[cell] * other);
        }
        j = cell < p ? j_end + batch[2 * cell + 1] : j_end;
    }
    return j == m ? areas + walked / size : -1;
}

enum { ROWS = 4 }; /* of a table of paths at once: the sums of one need not wait for those of another */

struct rows {
    int64_t rows, low[ROWS], high[ROWS]; /* how many, and from which place up to which each reaches */
    double share[ROWS], paths[ROWS];     /* what its sums are multiplied by, and its sum so far */
};

/* What the last of the rows that reach to place j holds there, given what the row before them does. */
static double in_row(struct rows *some, int64_t j, double sum) {
    for (int64_t k = 0; k < some->rows && j >= some->low[k]; k++)
        sum = j > some->high[k] ? 0 : (some->paths[k] += sum) * some->share[k];
    return sum;
}

/* Share of the lattice paths from (0, 0) to (n, m) that stay inside, as drift/ks.py counts them: a path is inside at (i, j)
   while |i down - j across| < h. Every number is numpy's to the last bit: sums are added up in the same order, and what is
   taken out of a row and put back at the end is a power of two.

   0 < n <= m; down, across, h > 0; h + n down + m across fits 63 bits. row: room for m + 1. */
double driftline_inside(int64_t n, int64_t m, int64_t down, int64_t across, int64_t h, double *row) {
    int64_t reached = (h - 1) / across, powers = 0;
    if (reached > m) reached = m;
    for (int64_t j = 0; j <= reached; j++) row[j] = 1;
    double scale = 1;
    for (int64_t i = 1; i <= n; i += ROWS) {
        struct rows some = {.rows = n - i + 1 < ROWS ? n - i + 1 : ROWS};
        for (int64_t k = 0; k < some.rows; k++) {
            int64_t at = (i + k) * down, high = (at + h - 1) / across;
            some.low[k] = at < h ? 0 : (at - h) / across + 1;
            some.high[k] = high < m ? high : m;
            if (some.high[k] < some.low[k]) return 0;
            some.share[k] = (double)(i + k) / (double)(m + i + k);
        }
        int64_t last = some.high[some.rows - 1], all = some.rows == ROWS ? some.low[ROWS - 1] : last + 1, j = some.low[0];
        while (reached < last) row[++reached] = 0;
        for (; j < all && j <= last; j++) row[j] = in_row(&some, j, row[j] * scale);
        double a = some.paths[0], b = some.paths[1], c = some.paths[2], d = some.paths[3];
        for (; j <= some.high[0]; j++) { /* all of them reach here */
            a += row[j] * scale;
            b += a * some.share[0];
            c += b * some.share[1];
            d += c * some.share[2];
            row[j] = d * some.share[3];
        }
        some.paths[0] = a, some.paths[1] = b, some.paths[2] = c, some.paths[3] = d;
        for (; j <= last; j++) row[j] = in_row(&some, j, row[j] * scale);
        int power;
        frexp(row[last], &power);
        scale = ldexp(1, -power), powers += power;
    }
    return ldexp(row[reached] * scale, (int)powers);
}

static uint64_t part_of(const uint8_t *text, int64_t bytes) {
    uint64_t part = 0;
    memcpy(&part, text, (size_t)bytes);
    return part;
}

/* Of every byte: eight at a time, and at the end of what overlaps, as wyhash reads it. Texts of one length up to 8 never
   share one: each step can be undone. */
static uint64_t hash_of(const uint8_t *text, int64_t length) {
    const uint64_t odd = 0x9E3779B97F4A7C15u; /* 2^64 over the golden ratio */
    uint64_t hash = (uint64_t)length * odd, rest = 0;
    for (; length > 8; length -= 8, text += 8) hash = (hash ^ part_of(text, 8)) * odd, hash ^= hash >> 32;
    if (length >= 4) rest = part_of(text, 4) << 32 | part_of(text + length - 4, 4);
    else if (length > 0) rest = (uint64_t)text[0] << 16 | (uint64_t)text[length / 2] << 8 | text[length - 1];
    hash = (hash ^ rest) * odd;
    return hash ^ hash >> 32;
}

/* Which of k known, different texts each of n texts is: `codes`, k where it is missing and k + 1 where it is another one.

   Text i is the bytes from ends[i] to ends[i + 1] of `text`, which has `size` of them. present: bit i of it, from bit
   `first` on, tells that text i is not missing; null where none is. slots (mask + 1, a power of two above k) and counts
   (k + 2) are zero beforehand. hashes: room for k. Returns -1 where the ends are no such ends. */
int64_t driftline_texts(const uint8_t *known, const int32_t *known_ends, int64_t k, const uint8_t *text, int64_t size,
                        const int32_t *ends, int64_t n, const uint8_t *present, int64_t first, uint64_t *hashes,
                        int32_t *slots, int64_t mask, int32_t *codes, int64_t *counts) {
    for (int64_t i = 0; i < k; i++) {
        hashes[i] = hash_of(known + known_ends[i], known_ends[i + 1] - known_ends[i]);
        uint64_t at = hashes[i] & (uint64_t)mask;
        while (slots[at]) at = (at + 1) & (uint64_t)mask;
        slots[at] = (int32_t)i + 1;
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t begin = ends[i], length = ends[i + 1] - begin, code = k;
        if (begin < 0 || length < 0 || begin + length > size) return -1;
        if (!present || present[(first + i) >> 3] >> ((first + i) & 7) & 1) {
            uint64_t hash = hash_of(text + begin, length), at = hash & (uint64_t)mask;
            for (code = k + 1; slots[at]; at = (at + 1) & (uint64_t)mask) {
                int64_t other = slots[at] - 1, from = known_ends[other];
                if (hashes[other] != hash || known_ends[other + 1] - from != length) continue;
                if (length > 8 && memcmp(known + from, text + begin, (size_t)length)) continue;
                code = other;
                break;
            }
        }
        codes[i] = (int32_t)code;
        counts[code]++;
    }
    return 0;
}
