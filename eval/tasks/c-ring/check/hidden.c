#include "../ring.h"

#include <assert.h>

int main(void) {
  struct ring ring;
  int item = -1;
  ring_clear(&ring);
  assert(ring_pop(&ring, &item) == 0 && item == -1);
  for (int i = 1; i <= 4; i++) ring_push(&ring, i);
  assert(ring_count(&ring) == 4);
  ring_push(&ring, 5);
  ring_push(&ring, 6);
  assert(ring_count(&ring) == 4);
  for (int i = 3; i <= 6; i++) assert(ring_pop(&ring, &item) == 1 && item == i);
  assert(ring_count(&ring) == 0 && ring_pop(&ring, &item) == 0);
  for (int i = 0; i < 1000; i++) {
    ring_push(&ring, i);
    assert(ring_pop(&ring, &item) == 1 && item == i);
  }
  return 0;
}
