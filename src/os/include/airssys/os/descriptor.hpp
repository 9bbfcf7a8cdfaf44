#pragma once

#include <utility>

namespace airssys::os {

/// Owns a file descriptor, or none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int get() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

/// Gives 0, 1 and 2, where the parent closed them, to the null device: what is read there is at its end, what is written there
/// fails. Otherwise the next file to be opened would get that number, and with it whatever the program prints. The first thing
/// that `main` does. False: it can't be done, and nothing should be opened.
bool secure_standard_descriptors() noexcept;

}  // namespace airssys::os
