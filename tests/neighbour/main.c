/* A program with two libraries in Rust. 0 if both do what they do alone. */
#include "hotnas.h"

double neighbour_square(size_t k);
/* Only with an operating system. */
int neighbour_catches(void);

static uint64_t scratch[256];

/* Where a debugger finds the results. */
volatile double square;
volatile hotnas_real results[4];

int main(void) {
    static const hotnas_real cost[4] = {0, 2, 3, 0};
    hotnas_workspace workspace;
    hotnas_transport_problem problem;
    hotnas_transport_report report;
    hotnas_real plan[4];
    int i;
    problem.rows = 2;
    problem.columns = 2;
    problem.cost = cost;
    problem.row_masses = NULL;
    problem.column_masses = NULL;
    square = neighbour_square(3);
    if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK) return 1;
    if (hotnas_transport_solve_exact(&problem, &workspace, &report, plan, NULL, NULL) != HOTNAS_STATUS_OK) return 2;
    for (i = 0; i < 4; i++) results[i] = plan[i];
#ifdef HOSTED
    /* Without it a comparison could ask for a routine of the compiler that is not linked. */
    if (square != 9 || !neighbour_catches()) return 3;
    if (report.cost != 0 || results[0] != (hotnas_real)0.5 || results[1] != 0) return 4;
#endif
    return 0;
}
