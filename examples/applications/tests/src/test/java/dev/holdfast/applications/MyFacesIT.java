package dev.holdfast.applications;

/** With MyFaces and OpenWebBeans. */
class MyFacesIT extends FacesContract {
    MyFacesIT() {
        super(FacesPair.MYFACES_AND_OPENWEBBEANS);
    }
}
