/* The reference work in plain C: scalar, single precision, addressed draws, ties by arithmetic, chunks by OpenMP.
 *
 * The equations and the addresses are those of docs/odd.md, sections 5 (network), 7.0 to 7.3, 7.5, 7.10 and 7.11.
 * Voters are rows sorted by region and cell; a chunk is a run of rows inside one cell.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define AXES 3
#define MOST_LISTS 32
#define MOST_FAR 8
#define LEAST -1e30f

typedef struct {
    int64_t voters, cells, regions, lists, groups, local, fars;
    const int64_t *cell_first, *cell_size, *cell_region; /* (C) */
    const uint8_t *cell_village;                         /* (C) */
    const int64_t *far_numbers;                          /* (R, fars, 5): first row, size, modulus, factor, shift */
    float bound, step, noise, decay, distance;
    const float *silent;      /* (R, J, ties + 1) */
    const float *base;        /* (J + G, C) */
    const float *place;       /* (J + G, 3) */
    const float *cell_weight; /* (C) */
    float against_constant, against_grievance, against_best;
    float turnout_constant, turnout_rural, stakes, distrust, spill_over;
    const float *order; /* (R) */
    const float *usual, *belief, *habit;
    const uint8_t *dependent;
    int64_t chunks;
    const int64_t *chunk; /* (chunks, 3): first row, end, cell */
} Country;

static inline uint64_t word(const uint64_t key[2], uint64_t who) {
    uint64_t z = key[0] + (who + 1) * 0x9E3779B97F4A7C15u;
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u) ^ key[1];
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline float uniform23(const uint64_t key[2], uint64_t who) {
    return ((float)(int32_t)(word(key, who) >> 41) + 0.5f) * 0x1p-23f;
}

/* The standard normal quantile: erfinv by Giles 2010, GPU Computing Gems. */
static inline float normal(uint32_t bits) {
    float u = ((float)(int32_t)bits + 0.5f) * 0x1p-21f;
    float w = -logf(4 * u * (1 - u)), p;
    if (w < 5) {
        w -= 2.5f;
        p = 2.81022636e-08f;
        p = 3.43273939e-07f + p * w;
        p = -3.5233877e-06f + p * w;
        p = -4.39150654e-06f + p * w;
        p = 0.00021858087f + p * w;
        p = -0.00125372503f + p * w;
        p = -0.00417768164f + p * w;
        p = 0.246640727f + p * w;
        p = 1.50140941f + p * w;
    } else {
        w = sqrtf(w) - 3;
        p = -0.000200214257f;
        p = 0.000100950558f + p * w;
        p = 0.00134934322f + p * w;
        p = -0.00367342844f + p * w;
        p = 0.00573950773f + p * w;
        p = -0.0076224613f + p * w;
        p = 0.00943887047f + p * w;
        p = 1.00167406f + p * w;
        p = 2.83297682f + p * w;
    }
    return 1.41421356f * (2 * u - 1) * p;
}

static inline float squared_gap(const float x[AXES], const float *place) {
    float a = x[0] - place[0], b = x[1] - place[1], c = x[2] - place[2];
    return a * a + b * b + c * c;
}

/* One month; positions are (N, 3), sums (chunks, groups) take the sympathies. */
void month(const Country *k, const uint64_t opinion_key[2], const uint64_t *hear_keys, float shock,
           const float *before, float *after, const uint32_t *knew, uint32_t *knows, float *grievance, double *sums) {
    int64_t ties = 2 * k->local + k->fars;
    const uint32_t all = k->lists == 32 ? 0xFFFFFFFFu : (1u << k->lists) - 1;
#pragma omp parallel for schedule(dynamic, 1)
    for (int64_t c = 0; c < k->chunks; c++) {
        int64_t start = k->chunk[3 * c], stop = k->chunk[3 * c + 1], cell = k->chunk[3 * c + 2];
        int64_t first = k->cell_first[cell], size = k->cell_size[cell], region = k->cell_region[cell];
        const float *silent = k->silent + region * k->lists * (ties + 1);
        int64_t image[MOST_FAR]; /* before cycle walking; the next row's is one addition away */
        for (int64_t f = 0; f < k->fars; f++) {
            const int64_t *g = k->far_numbers + 5 * (region * k->fars + f);
            image[f] = (g[3] * (start - g[0]) + g[4]) % g[2];
        }
        float base[2 * MOST_LISTS];
        for (int64_t j = 0; j < k->lists + k->groups; j++) base[j] = k->base[j * k->cells + cell];
        double share[MOST_LISTS] = {0};
        for (int64_t i = start; i < stop; i++) {
            int64_t near[2 * 20 + MOST_FAR], n = 0;
            for (int64_t d = 1; d <= k->local; d++) {
                int64_t ahead = i + d, behind = i - d;
                while (ahead >= first + size) ahead -= size;
                while (behind < first) behind += size;
                near[n++] = ahead;
                near[n++] = behind;
            }
            for (int64_t f = 0; f < k->fars; f++) {
                const int64_t *g = k->far_numbers + 5 * (region * k->fars + f);
                int64_t row = image[f];
                while (row >= g[1]) row = (g[3] * row + g[4]) % g[2];
                near[n++] = g[0] + row;
                image[f] += g[3];
                if (image[f] >= g[2]) image[f] -= g[2];
            }
            const float *x = before + AXES * i;
            float pull[AXES] = {0, 0, 0};
            for (int64_t m = 0; m < n; m++) {
                const float *y = before + AXES * near[m];
                for (int a = 0; a < AXES; a++) {
                    float gap = y[a] - x[a];
                    pull[a] += fabsf(gap) < k->bound ? gap : 0;
                }
            }
            uint64_t w = word(opinion_key, (uint64_t)i);
            uint32_t bits[AXES] = {w >> 43, (w >> 22) & 0x1FFFFF, (w >> 1) & 0x1FFFFF};
            float *moved = after + AXES * i;
            for (int a = 0; a < AXES; a++) moved[a] = x[a] + k->step * pull[a] + k->noise * normal(bits[a]);

            uint32_t known = knew[i];
            for (uint32_t news = all & ~known; news; news &= news - 1) {
                int j = __builtin_ctz(news), friends = 0;
                for (int64_t m = 0; m < n; m++) friends += (knew[near[m]] >> j) & 1;
                float quiet = silent[j * (ties + 1) + friends];
                if (uniform23(hear_keys + 2 * j, (uint64_t)i) < 1 - quiet) known |= 1u << j;
            }
            knows[i] = known;

            float felt = k->usual[i] + k->decay * (grievance[i] - k->usual[i]) + shock;
            grievance[i] = felt < 0 ? 0 : felt > 1 ? 1 : felt;

            float odds[2 * MOST_LISTS], rivals = 0;
            for (int64_t j = 0; j < k->lists + k->groups; j++)
                odds[j] = expf(base[j] - k->distance * squared_gap(moved, k->place + AXES * j));
            for (int64_t j = 0; j < k->lists; j++) rivals += odds[j];
            for (int64_t g = 0; g < k->groups; g++)
                share[g] += odds[k->lists + g] / (odds[k->lists + g] + rivals);
        }
        for (int64_t g = 0; g < k->groups; g++) sums[c * k->groups + g] = share[g];
    }
}

/* Odds (N, J + 1) of every option, 0 where unknown, and the chance to vote (N). */
void weigh(const Country *k, const float *position, const uint32_t *knows, const float *grievance, float *odds,
           float *turnout) {
#pragma omp parallel for schedule(dynamic, 1)
    for (int64_t c = 0; c < k->chunks; c++) {
        int64_t cell = k->chunk[3 * c + 2];
        float order = k->order[k->cell_region[cell]];
        for (int64_t i = k->chunk[3 * c]; i < k->chunk[3 * c + 1]; i++) {
            float best = LEAST, sum = 0, *mine = odds + i * (k->lists + 1);
            int number = 0;
            for (int64_t j = 0; j < k->lists; j++) {
                mine[j] = 0;
                if (!((knows[i] >> j) & 1)) continue;
                float u = k->base[j * k->cells + cell]
                          - k->distance * squared_gap(position + AXES * i, k->place + AXES * j);
                mine[j] = expf(u);
                best = u > best ? u : best;
                sum += u;
                number++;
            }
            if (!number) best = 0;
            float mean = number ? sum / number : 0;
            mine[k->lists] = expf(k->against_constant + k->against_grievance * grievance[i] - k->against_best * best);
            float logit = k->turnout_constant + k->habit[i] + (k->cell_village[cell] ? k->turnout_rural : 0)
                          + k->stakes * (best - mean) - k->distrust * (1 - k->belief[i])
                          + order * (k->dependent[i] ? 1 : k->spill_over);
            turnout[i] = 1 / (1 + expf(-logit));
        }
    }
}

/* Expected votes by chunk and option, sums (chunks, J + 1), under a pull (J + 1) common to all. */
void poll(const Country *k, const float *odds, const float *pull, double *sums) {
    int64_t options = k->lists + 1;
#pragma omp parallel for schedule(dynamic, 1)
    for (int64_t c = 0; c < k->chunks; c++) {
        double votes[MOST_LISTS + 1] = {0};
        float weight = k->cell_weight[k->chunk[3 * c + 2]];
        for (int64_t i = k->chunk[3 * c]; i < k->chunk[3 * c + 1]; i++) {
            const float *mine = odds + i * options;
            float weighed[MOST_LISTS + 1], total = 0;
            for (int64_t j = 0; j < options; j++) total += weighed[j] = mine[j] * pull[j];
            for (int64_t j = 0; j < options; j++) votes[j] += weighed[j] * (weight / total);
        }
        memcpy(sums + c * options, votes, options * sizeof(double));
    }
}

/* Every voter's choice, -1 for who stays away, and tallies by chunk (chunks, J + 1). */
void vote(const Country *k, const float *odds, const float *taste, const float *turnout, const uint64_t *taste_keys,
          const uint64_t turnout_key[2], int8_t *choice, int64_t *tally) {
    int64_t options = k->lists + 1;
#pragma omp parallel for schedule(dynamic, 1)
    for (int64_t c = 0; c < k->chunks; c++) {
        int64_t *count = tally + c * options;
        memset(count, 0, options * sizeof(int64_t));
        for (int64_t i = k->chunk[3 * c]; i < k->chunk[3 * c + 1]; i++) {
            choice[i] = -1;
            if (uniform23(turnout_key, (uint64_t)i) >= turnout[i]) continue;
            float top = LEAST;
            for (int64_t j = 0; j < options; j++) {
                if (odds[i * options + j] == 0) continue;
                /* log odds + taste - log(-log u) has its greatest value where odds exp(taste) / -log u has */
                float total = odds[i * options + j] * taste[j] / -logf(uniform23(taste_keys + 2 * j, (uint64_t)i));
                if (total > top) {
                    top = total;
                    choice[i] = (int8_t)j;
                }
            }
            count[choice[i]]++;
        }
    }
}
