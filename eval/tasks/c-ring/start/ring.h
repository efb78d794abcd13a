#define RING_ROOM 4

struct ring {
  int items[RING_ROOM];
  int first;
  int count;
};

void ring_clear(struct ring *ring);
void ring_push(struct ring *ring, int item);
int ring_pop(struct ring *ring, int *item);
int ring_count(const struct ring *ring);
