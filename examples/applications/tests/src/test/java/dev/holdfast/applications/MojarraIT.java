package dev.holdfast.applications;

/** With Mojarra and Weld. */
class MojarraIT extends FacesContract {
    MojarraIT() {
        super(FacesPair.MOJARRA_AND_WELD);
    }
}
