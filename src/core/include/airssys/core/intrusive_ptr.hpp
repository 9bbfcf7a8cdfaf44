#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace airssys::core {

/// Base of what is shared by counted reference, with the count inside the object. Any thread. The object deletes itself
/// with its last reference, so a derived class needs a virtual destructor unless it is final and names itself as `Derived`.
template <typename Derived>
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void retain() const noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
  /// The first reference of an object that nobody else has seen.
  void retain_first() const noexcept { owners_.store(1, std::memory_order_relaxed); }
  /// Only the caller has a reference; what others did before they let go of theirs is seen.
  bool has_one_owner() const noexcept { return owners_.load(std::memory_order_acquire) == 1; }
  /// The second reference, by who has the only one.
  void retain_second() const noexcept { owners_.store(2, std::memory_order_relaxed); }
  /// Gives one of two references back that the caller has both: unless there is a third, no atomic subtraction.
  void release_of_two() const noexcept {
    if (owners_.load(std::memory_order_acquire) == 2) {
      owners_.store(1, std::memory_order_relaxed);
    } else {
      release();
    }
  }
  void release() const noexcept {
    // A sole owner needs no atomic subtraction: nobody else can begin to share it meanwhile.
    if (has_one_owner() || owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete static_cast<const Derived*>(this);
    }
  }

 protected:
  ~RefCounted() = default;

 private:
  mutable std::atomic<std::uint32_t> owners_{0};
};

/// One counted reference. A pointer: null is allowed, copies share.
template <typename T>
class IntrusivePtr {
 public:
  IntrusivePtr() noexcept = default;
  explicit IntrusivePtr(T* object) noexcept : object_(object) {
    if (object_ != nullptr) object_->retain();
  }
  IntrusivePtr(const IntrusivePtr& other) noexcept : IntrusivePtr(other.object_) {}
  IntrusivePtr(IntrusivePtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <typename U>
    requires std::is_convertible_v<U*, T*>
  IntrusivePtr(const IntrusivePtr<U>& other) noexcept : IntrusivePtr(other.get()) {}  // NOLINT(google-explicit-constructor)
  template <typename U>
    requires std::is_convertible_v<U*, T*>
  IntrusivePtr(IntrusivePtr<U>&& other) noexcept : object_(other.detach()) {}  // NOLINT(google-explicit-constructor)
  IntrusivePtr& operator=(IntrusivePtr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~IntrusivePtr() {
    if (object_ != nullptr) object_->release();
  }

  T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  friend bool operator==(const IntrusivePtr& left, const IntrusivePtr& right) noexcept { return left.object_ == right.object_; }
  /// A second reference, where this is the only one (`has_one_owner`): as cheap as a move.
  IntrusivePtr share_sole() const noexcept {
    object_->retain_second();
    return adopt(object_);
  }
  /// Gives this reference up, where the caller has another to the same; as cheap as a move if these are all.
  void reset_one_of_two() noexcept { std::exchange(object_, nullptr)->release_of_two(); }
  /// Gives the reference away without counting it down.
  T* detach() noexcept { return std::exchange(object_, nullptr); }
  /// Takes over a reference that was counted before.
  static IntrusivePtr adopt(T* object) noexcept {
    IntrusivePtr pointer;
    pointer.object_ = object;
    return pointer;
  }

 private:
  T* object_ = nullptr;
};

template <typename T, typename... Arguments>
IntrusivePtr<T> make_counted(Arguments&&... arguments) {
  T* const object = new T(std::forward<Arguments>(arguments)...);
  object->retain_first();
  return IntrusivePtr<T>::adopt(object);
}

}  // namespace airssys::core
